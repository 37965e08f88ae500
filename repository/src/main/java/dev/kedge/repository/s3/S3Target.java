package dev.kedge.repository.s3;

import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.ObjectInput;
import dev.kedge.repository.ObjectName;
import dev.kedge.repository.ObjectOutput;
import dev.kedge.repository.StoredObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * A bucket of S3, or a prefix in one, as backup target: of Ceph's RADOS Gateway, AWS, or another
 * store that lists what it has written at once and honours {@code If-None-Match: *}. Names of which
 * a part starts with a dot are the target's own. Thread-safe.
 *
 * <p>Besides the codes that {@link BackupTarget} names, a failure may be AUTHENTICATION_FAILED or
 * PERMISSION_DENIED.
 */
public final class S3Target implements BackupTarget {
  private static final int READERS = 4;

  private final S3Location location;
  private final S3Bucket bucket;
  private final S3Listing listing;
  private final ConditionalPut conditionalPut;
  private final PartLimits limits;
  private final PartUploader uploader;
  private final RangeCache cache = new RangeCache();

  private S3Target(S3Connection connection, S3Location location, PartLimits limits) {
    this.location = location;
    this.bucket = new S3Bucket(connection, location);
    this.listing = new S3Listing(bucket);
    this.conditionalPut = new ConditionalPut(bucket);
    this.limits = limits;
    this.uploader = new PartUploader(location, limits.partBytes());
  }

  /**
   * A target at {@code s3://BUCKET[/PREFIX]}; nothing is asked of the store yet.
   *
   * @throws dev.kedge.base.KedgeException with USAGE where the location or the settings are not
   *     usable, AUTHENTICATION_FAILED where there are no credentials
   */
  public static S3Target open(String location, S3Options options) {
    return open(location, options, PartLimits.DEFAULT);
  }

  static S3Target open(String location, S3Options options, PartLimits limits) {
    S3Location parsed = S3Location.parse(location);
    return new S3Target(S3Connection.open(parsed, options), parsed, limits);
  }

  @Override
  public String location() {
    return location.toString();
  }

  /**
   * Does not make the bucket: region, versioning, lifecycle and quota are its owner's to choose.
   */
  @Override
  public void createLocation() {
    bucket.confirm();
  }

  @Override
  public Map<String, String> examine() {
    conditionalPut.proof().requireOneWinner("");
    return Map.of("exclusivePut", "if-none-match");
  }

  @Override
  public boolean buffersWrites() {
    return true;
  }

  /** A store answers slowly, and many requests at once. */
  @Override
  public int readers() {
    return Math.max(READERS, Runtime.getRuntime().availableProcessors());
  }

  @Override
  public boolean isEmpty() {
    return listing.isEmpty();
  }

  @Override
  public ObjectOutput create(String name) {
    delete(ObjectName.check(name));
    abortUnfinished(name);
    return S3Output.ofNew(name, bucket, uploader, limits);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Who has the old object open is told that it was replaced: a store keeps no object for its
   * readers. Until it is flushed, {@link #sweep} ends it for good.
   */
  @Override
  public ObjectOutput createReplacement(String name) {
    abortUnfinished(ObjectName.check(name));
    return S3Output.ofReplacement(name, bucket, uploader, limits);
  }

  /** Whoever still writes an object of that name must not complete it over the next one. */
  private void abortUnfinished(String name) {
    for (S3Listing.Unfinished upload : listing.unfinished(name)) {
      if (upload.name().equals(name)) {
        MultipartUpload.abort(bucket, name, upload.uploadId());
      }
    }
  }

  @Override
  public ObjectInput open(String name) {
    S3Bucket.Head head =
        bucket.head(ObjectName.check(name)).orElseThrow(() -> bucket.errors().notFound(name, null));
    return new S3Input(name, head.lengthBytes(), new RangeReader(bucket, name, head.etag()), cache);
  }

  @Override
  public byte[] readAll(String name, int maxBytes) {
    return bucket.get(ObjectName.check(name), maxBytes);
  }

  @Override
  public boolean putIfAbsent(String name, byte[] bytes) {
    return conditionalPut.put(ObjectName.check(name), bytes);
  }

  @Override
  public void replace(String name, byte[] bytes) {
    bucket.put(ObjectName.check(name), RequestBody.fromBytes(bytes));
  }

  @Override
  public void delete(String name) {
    bucket.delete(ObjectName.check(name));
  }

  @Override
  public List<StoredObject> list(String prefix) {
    return listing.objects(ObjectName.checkPrefix(prefix));
  }

  @Override
  public List<String> folders(String prefix) {
    return listing.folders(ObjectName.checkPrefix(prefix));
  }

  @Override
  public OptionalLong length(String name) {
    return bucket.head(ObjectName.check(name)).map(S3Bucket.Head::lengthBytes).stream()
        .mapToLong(Long::longValue)
        .findFirst();
  }

  @Override
  public List<String> sweep(String prefix, Instant modifiedBefore) {
    List<String> removed = new ArrayList<>();
    for (S3Listing.Unfinished upload : listing.unfinished(ObjectName.checkPrefix(prefix))) {
      if (upload.begunAt().isBefore(modifiedBefore)) {
        MultipartUpload.abort(bucket, upload.name(), upload.uploadId());
        removed.add(upload.name() + " (unfinished upload)");
      }
    }
    for (String own : listing.own(prefix, modifiedBefore)) {
      bucket.delete(own);
      removed.add(own);
    }
    return removed;
  }

  @Override
  public String toString() {
    return location();
  }
}
