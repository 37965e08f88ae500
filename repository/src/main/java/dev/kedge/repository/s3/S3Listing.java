package dev.kedge.repository.s3;

import dev.kedge.repository.StoredObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What a bucket holds below the target's prefix. Thread-safe. */
final class S3Listing {
  private static final String SEPARATOR = "/";

  private final S3Bucket bucket;
  private final S3Location location;

  S3Listing(S3Bucket bucket) {
    this.bucket = bucket;
    this.location = bucket.location();
  }

  /** Whether there is nothing but what the target itself leaves behind. */
  boolean isEmpty() {
    List<String> found = new ArrayList<>();
    forEachPage(
        "",
        page -> {
          page.contents().forEach(object -> found.add(location.name(object.key())));
          page.commonPrefixes().forEach(folder -> found.add(location.name(folder.prefix())));
        });
    // The empty name is the folder that a console makes for the prefix.
    return found.stream().allMatch(name -> name.isEmpty() || isOwn(name));
  }

  /** See {@link dev.kedge.repository.BackupTarget#list}. */
  List<StoredObject> objects(String prefix) {
    List<StoredObject> found = new ArrayList<>(all(prefix));
    found.removeIf(object -> object.baseName().isEmpty() || isOwn(object.baseName()));
    found.sort(Comparator.comparing(StoredObject::name));
    return found;
  }

  /** The target's own objects in a folder, if they were last written before the given time. */
  List<String> own(String prefix, Instant before) {
    return all(prefix).stream()
        .filter(object -> isOwn(object.baseName()) && object.modifiedAt().isBefore(before))
        .map(StoredObject::name)
        .toList();
  }

  private List<StoredObject> all(String prefix) {
    List<StoredObject> found = new ArrayList<>();
    forEachPage(prefix, page -> page.contents().forEach(object -> found.add(stored(object))));
    return found;
  }

  private StoredObject stored(S3Object object) {
    return new StoredObject(location.name(object.key()), object.size(), object.lastModified());
  }

  /** See {@link dev.kedge.repository.BackupTarget#folders}. */
  List<String> folders(String prefix) {
    List<String> found = new ArrayList<>();
    forEachPage(
        prefix,
        page -> {
          for (CommonPrefix folder : page.commonPrefixes()) {
            String name = location.name(folder.prefix()).substring(prefix.length());
            found.add(name.substring(0, name.length() - SEPARATOR.length()));
          }
        });
    found.removeIf(name -> name.isEmpty() || isOwn(name));
    found.sort(null);
    return found;
  }

  private void forEachPage(String prefix, Consumer<ListObjectsV2Response> visitor) {
    Boolean _ =
        bucket
            .errors()
            .call(
                prefix,
                () -> {
                  bucket
                      .client()
                      .listObjectsV2Paginator(r ->
                          r.bucket(location.bucket())
                              .prefix(location.key(prefix))
                              .delimiter(SEPARATOR))
                      .forEach(visitor);
                  return true;
                });
  }

  /** The uploads that nobody has finished, of objects whose names start so. */
  List<Unfinished> unfinished(String prefix) {
    List<Unfinished> found = new ArrayList<>();
    Boolean _ =
        bucket
            .errors()
            .call(
                prefix,
                () -> {
                  bucket
                      .client()
                      .listMultipartUploadsPaginator(
                          r -> r.bucket(location.bucket()).prefix(location.key(prefix)))
                      .uploads()
                      .forEach(upload -> found.add(unfinished(upload)));
                  return true;
                });
    return found;
  }

  private Unfinished unfinished(MultipartUpload upload) {
    return new Unfinished(location.name(upload.key()), upload.uploadId(), upload.initiated());
  }

  /** An upload that was begun, and neither completed nor aborted. */
  record Unfinished(String name, String uploadId, Instant begunAt) {}

  private static boolean isOwn(String baseName) {
    return baseName.startsWith(".");
  }
}
