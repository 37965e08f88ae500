package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.UUID;

/**
 * Writes an object if nothing has its name, by {@code If-None-Match: *} (S3 API Reference,
 * PutObject; RGW does it since Luminous). Thread-safe.
 */
final class ConditionalPut {
  private static final int ATTEMPTS = 8;

  private final S3Bucket bucket;
  private final ConditionalPutProof proof;

  ConditionalPut(S3Bucket bucket) {
    this.bucket = bucket;
    this.proof = new ConditionalPutProof(bucket);
  }

  /** See {@link ConditionalPutProof}. */
  ConditionalPutProof proof() {
    return proof;
  }

  /** Whether this call wrote the object. */
  boolean put(String name, byte[] bytes) {
    proof.require(name.substring(0, name.lastIndexOf('/') + 1));
    String mark = UUID.randomUUID().toString();
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      switch (bucket.putIfAbsent(name, bytes, mark)) {
        case WRITTEN -> {
          return true;
        }
        case EXISTS -> {
          // An answer may have been lost, and the request sent again: whose write is it?
          S3Bucket.Head there = bucket.head(name).orElse(null);
          if (there != null) {
            return mark.equals(there.mark());
          }
        }
        case CONFLICT -> {}
      }
      Pause.before(attempt, bucket.location());
    }
    throw new KedgeException(
        ErrorCode.TARGET_UNREACHABLE,
        bucket.errors().object(name) + " is written and removed by others all the time: try again");
  }
}
