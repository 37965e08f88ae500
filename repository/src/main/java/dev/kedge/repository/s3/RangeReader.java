package dev.kedge.repository.s3;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Reads ranges of one object, which must stay the one that was opened. A transfer that breaks goes
 * on from where it broke. Thread-safe.
 */
final class RangeReader {
  private static final int ATTEMPTS = 6;
  private static final int PIECE_BYTES = 64 << 10;

  private final S3Bucket bucket;
  private final String name;
  private final String etag;

  RangeReader(S3Bucket bucket, String name, String etag) {
    this.bucket = bucket;
    this.name = name;
    this.etag = etag;
  }

  /** Fills the buffer from a position; the object must be long enough. */
  void read(long position, ByteBuffer dst) {
    int start = dst.position();
    int attempt = 0;
    while (dst.hasRemaining()) {
      int before = dst.position();
      try {
        readOnce(position + (before - start), dst);
      } catch (IOException e) {
        // Progress is as good as a first attempt.
        attempt = dst.position() > before ? 1 : attempt + 1;
        if (attempt == ATTEMPTS) {
          throw bucket.errors().broken(name, e);
        }
        Pause.before(attempt, bucket.location());
      }
    }
  }

  private void readOnce(long position, ByteBuffer dst) throws IOException {
    try (ResponseInputStream<GetObjectResponse> in =
        bucket.getRange(name, etag, position, dst.remaining())) {
      try {
        requireRange(in.response(), position);
        copy(in, dst);
      } catch (IOException | RuntimeException e) {
        in.abort();
        throw e;
      }
    }
  }

  private void requireRange(GetObjectResponse response, long position) throws IOException {
    String range = response.contentRange();
    if (range == null || !range.startsWith("bytes " + position + "-")) {
      throw new IOException("the store answered with another range, " + range);
    }
  }

  private static void copy(ResponseInputStream<GetObjectResponse> in, ByteBuffer dst)
      throws IOException {
    byte[] piece = new byte[Math.min(PIECE_BYTES, dst.remaining())];
    while (dst.hasRemaining()) {
      int count = in.read(piece, 0, Math.min(piece.length, dst.remaining()));
      if (count < 0) {
        throw new EOFException("the connection broke");
      }
      dst.put(piece, 0, count);
    }
  }
}
