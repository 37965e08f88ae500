package dev.kedge.repository.s3;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/** One multipart upload, from its begin to its completion or abort. Thread-safe. */
final class MultipartUpload {

  private static final String BINARY = "application/octet-stream";

  /** For a part at 70 KiB/s. */
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofMinutes(2);

  private static final int MOST_ATTEMPTS = 5;
  private static final Duration PART_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration COPY_TIMEOUT = Duration.ofHours(1);

  private final S3Bucket bucket;
  private final String name;
  private final String mark = UUID.randomUUID().toString();
  private final String uploadId;

  private MultipartUpload(S3Bucket bucket, String name) {
    this.bucket = bucket;
    this.name = name;
    this.uploadId =
        bucket
            .errors()
            .call(
                name,
                () ->
                    bucket
                        .client()
                        .createMultipartUpload(r ->
                            r.bucket(bucket.location().bucket())
                                .key(bucket.location().key(name))
                                .metadata(S3Bucket.marked(mark))))
            .uploadId();
  }

  static MultipartUpload begin(S3Bucket bucket, String name) {
    return new MultipartUpload(bucket, name);
  }

  /** The body of a request, which can be read again for another attempt. */
  static RequestBody body(PartBuffer part, BooleanSupplier givenUp) {
    return RequestBody.fromContentProvider(() -> part.stream(givenUp), part.lengthBytes(), BINARY);
  }

  /** Sends a part; numbers start with 1 and may come in any order. */
  CompletedPart send(int number, PartBuffer part, BooleanSupplier givenUp) {
    UploadPartRequest request =
        UploadPartRequest.builder()
            .bucket(bucket.location().bucket())
            .key(bucket.location().key(name))
            .uploadId(uploadId)
            .partNumber(number)
            .overrideConfiguration(
                o -> o.apiCallAttemptTimeout(ATTEMPT_TIMEOUT).apiCallTimeout(PART_TIMEOUT))
            .build();
    String etag = bucket.errors().call(name, () -> send(request, part, givenUp)).eTag();
    return CompletedPart.builder().partNumber(number).eTag(etag).build();
  }

  /**
   * A RADOS Gateway (16.2.15) sometimes says NoSuchKey where it still clears away an attempt at the
   * same part that was cut off. An upload that is gone has another error.
   */
  private UploadPartResponse send(
      UploadPartRequest request, PartBuffer part, BooleanSupplier givenUp) {
    for (int attempt = 1; ; attempt++) {
      try {
        return bucket.client().uploadPart(request, body(part, givenUp));
      } catch (NoSuchKeyException e) {
        if (attempt >= MOST_ATTEMPTS) {
          throw e;
        }
        Pause.before(attempt, bucket.location());
      }
    }
  }

  /** Makes another object of the bucket a part, inside the store. */
  CompletedPart copy(int number, String source) {
    return copy(number, source, _ -> {});
  }

  /**
   * Makes a range of another object of the bucket a part, inside the store.
   *
   * @param etag what the other object must still be
   */
  CompletedPart copy(int number, String source, String etag, long position, long lengthBytes) {
    return copy(
        number,
        source,
        r ->
            r.copySourceIfMatch(etag)
                .copySourceRange("bytes=" + position + "-" + (position + lengthBytes - 1)));
  }

  private CompletedPart copy(
      int number, String source, Consumer<UploadPartCopyRequest.Builder> more) {
    UploadPartCopyRequest.Builder request =
        UploadPartCopyRequest.builder()
            .sourceBucket(bucket.location().bucket())
            .sourceKey(bucket.location().key(source))
            .destinationBucket(bucket.location().bucket())
            .destinationKey(bucket.location().key(name))
            .uploadId(uploadId)
            .partNumber(number)
            .overrideConfiguration(
                o -> o.apiCallAttemptTimeout(COPY_TIMEOUT).apiCallTimeout(COPY_TIMEOUT));
    more.accept(request);
    String etag =
        bucket
            .errors()
            .call(name, () -> bucket.copyingClient().uploadPartCopy(request.build()))
            .copyPartResult()
            .eTag();
    return CompletedPart.builder().partNumber(number).eTag(etag).build();
  }

  /** Makes the object exist, of these parts in ascending order. */
  void complete(List<CompletedPart> parts) {
    try {
      bucket
          .client()
          .completeMultipartUpload(r ->
              r.bucket(bucket.location().bucket())
                  .key(bucket.location().key(name))
                  .uploadId(uploadId)
                  .multipartUpload(m -> m.parts(parts))
                  .overrideConfiguration(
                      o -> o.apiCallAttemptTimeout(ATTEMPT_TIMEOUT).apiCallTimeout(PART_TIMEOUT)));
    } catch (S3Exception e) {
      // After a lost answer the repeated request finds no upload any more.
      if (e.statusCode() != 404 || !isDone()) {
        throw bucket.errors().of(name, e);
      }
    } catch (SdkException e) {
      throw bucket.errors().of(name, e);
    }
  }

  private boolean isDone() {
    return bucket.head(name).filter(head -> mark.equals(head.mark())).isPresent();
  }

  /** Gives the upload up and its space back; does nothing where there is none any more. */
  void abort() {
    abort(bucket, name, uploadId);
  }

  static void abort(S3Bucket bucket, String name, String uploadId) {
    try {
      bucket
          .client()
          .abortMultipartUpload(r ->
              r.bucket(bucket.location().bucket())
                  .key(bucket.location().key(name))
                  .uploadId(uploadId));
    } catch (SdkException e) {
      if (!(e instanceof S3Exception answer && answer.statusCode() == 404)) {
        throw bucket.errors().of(name, e);
      }
    }
  }
}
