package dev.kedge.cli.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.s3.S3Options;
import dev.kedge.repository.s3.S3Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A prefix in the bucket of the lab's RADOS Gateway, which is looked at in a copy: without Kedge's
 * code, brought up to date whenever its files are asked for. {@link Damage} to a copy becomes one
 * of the object.
 */
public final class BucketFolder extends TargetFolder {
  /** The lab's bucket. */
  public static final String BUCKET = "kedge";

  private static final List<BucketFolder> ALL = new CopyOnWriteArrayList<>();

  private final String bucket;
  private final String prefix = "cli/" + UUID.randomUUID();
  private final Map<String, String> copied = new HashMap<>();

  /** A place in the lab's bucket where nothing is yet, with its copy in this folder. */
  public BucketFolder(Path copy) {
    this(BUCKET, copy);
  }

  private BucketFolder(String bucket, Path copy) {
    super(copy);
    this.bucket = bucket;
    ALL.add(this);
  }

  /** The same in a bucket of its own, which is made. */
  public static BucketFolder inNewBucket(Path copy) {
    String bucket = "kedge-" + UUID.randomUUID();
    Lab.CLIENT.createBucket(r -> r.bucket(bucket));
    return new BucketFolder(bucket, copy);
  }

  /** The bucket's name. */
  public String bucket() {
    return bucket;
  }

  private static final class Lab {
    static final S3Client CLIENT =
        S3Client.builder()
            .httpClientBuilder(Apache5HttpClient.builder())
            .forcePathStyle(true)
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .endpointOverride(
                URI.create(
                    Objects.requireNonNull(
                        System.getenv("AWS_ENDPOINT_URL_S3"),
                        "AWS_ENDPOINT_URL_S3: 'lab/ceph up --rgw', then its env")))
            .build();
  }

  @Override
  public String location() {
    return "s3://" + bucket + "/" + prefix;
  }

  @Override
  public BackupTarget open() {
    return S3Target.open(location(), S3Options.NONE);
  }

  private List<S3Object> objects() {
    return Lab.CLIENT
        .listObjectsV2Paginator(r -> r.bucket(bucket).prefix(prefix + "/"))
        .contents()
        .stream()
        .toList();
  }

  /** The names of objects that somebody has begun to upload. */
  public List<String> unfinished() {
    return Lab.CLIENT
        .listMultipartUploads(r -> r.bucket(bucket).prefix(prefix + "/"))
        .uploads()
        .stream()
        .map(upload -> upload.key().substring(upload.key().lastIndexOf('/') + 1))
        .toList();
  }

  @Override
  public void isTidyBeside(String other) {
    super.isTidyBeside(other);
    assertThat(unfinished()).as("unfinished uploads").isEmpty();
  }

  @Override
  public List<String> names() {
    return objects().stream().map(o -> o.key().substring(o.key().lastIndexOf('/') + 1)).toList();
  }

  /** Brings the copy up to date. */
  @Override
  public List<Path> files() {
    Map<String, String> there = new HashMap<>();
    for (S3Object object : objects()) {
      there.put(object.key(), object.eTag());
    }
    try {
      for (String gone : copied.keySet().stream().filter(key -> !there.containsKey(key)).toList()) {
        Files.deleteIfExists(copyOf(gone));
        copied.remove(gone);
      }
      for (Map.Entry<String, String> object : there.entrySet()) {
        if (!object.getValue().equals(copied.get(object.getKey()))) {
          download(object.getKey());
          copied.put(object.getKey(), object.getValue());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Files.isDirectory(path()) ? super.files() : List.of();
  }

  private void download(String key) throws IOException {
    Path copy = copyOf(key);
    Files.createDirectories(Objects.requireNonNull(copy.getParent()));
    Files.deleteIfExists(copy);
    Lab.CLIENT.getObject(r -> r.bucket(bucket).key(key), copy);
  }

  private Path copyOf(String key) {
    return path().resolve(key.substring(prefix.length() + 1));
  }

  /** Makes a change to a file count for the bucket that it is a copy of an object of, if it is. */
  static void changed(Path file) {
    ALL.stream().filter(folder -> file.startsWith(folder.path())).forEach(f -> f.upload(file));
  }

  private void upload(Path file) {
    String key = prefix + "/" + path().relativize(file);
    if (Files.exists(file)) {
      Lab.CLIENT.putObject(r -> r.bucket(bucket).key(key), file);
    } else {
      Lab.CLIENT.deleteObject(r -> r.bucket(bucket).key(key));
    }
    // The copy may be what a damage left half done: it is fetched, or found gone, the next time.
    copied.put(key, "");
  }
}
