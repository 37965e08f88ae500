package dev.kedge.repository.s3;

import dev.kedge.qcow2.AppendOutput.Part;
import java.nio.ByteBuffer;
import java.util.UUID;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * A part that is too long for memory: an object with a name of the target's own, which the store
 * copies into the upload. Not thread-safe; what is flushed may be moved by another thread.
 */
final class GatheredPart {
  private final String name;
  private final S3Bucket bucket;
  private final S3Output object;
  private final long maxBytes;

  GatheredPart(String of, S3Bucket bucket, PartUploader uploader, PartLimits limits) {
    this.name = of.substring(0, of.lastIndexOf('/') + 1) + ".part-" + UUID.randomUUID();
    this.bucket = bucket;
    this.object = S3Output.ofNew(name, bucket, uploader, limits);
    this.maxBytes = limits.gatheredBytes();
  }

  boolean isFull() {
    return object.lengthBytes() == maxBytes;
  }

  /** Takes as many bytes as it has room for. */
  void append(ByteBuffer bytes) {
    int limit = bytes.limit();
    long room = maxBytes - object.lengthBytes();
    bytes.limit((int) Math.min(limit, bytes.position() + room));
    object.append(bytes, Part.PLAIN_CLUSTERS);
    bytes.limit(limit);
  }

  void flush() {
    try (object) {
      object.flush();
    }
  }

  /** Becomes a part of an upload, and goes. */
  CompletedPart moveTo(MultipartUpload upload, int number) {
    try {
      return upload.copy(number, name);
    } finally {
      bucket.delete(name);
    }
  }

  /** Gives it up. */
  void close() {
    object.close();
  }
}
