package dev.kedge.engine.verify;

import dev.kedge.engine.CancelToken;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.ChecksumStream;
import dev.kedge.repository.ObjectInput;
import java.nio.ByteBuffer;
import java.util.function.LongPredicate;

/**
 * The digest of everything in a QCOW2 file that is not a plain cluster, read back: ascending, the
 * header cluster last, as {@link dev.kedge.repository.DigestingOutput} computed it.
 */
final class TablesDigest {
  private static final int BUFFER_BYTES = 1 << 20;

  private TablesDigest() {}

  static Checksum of(
      ObjectInput input, int clusterBytes, LongPredicate isPlainData, CancelToken cancel) {
    ChecksumStream digest = new ChecksumStream();
    ByteBuffer buffer = ByteBuffer.allocateDirect(Math.max(BUFFER_BYTES, clusterBytes));
    long length = input.lengthBytes();
    long at = clusterBytes;
    while (at < length) {
      if (isPlainData.test(at / clusterBytes)) {
        at += clusterBytes;
        continue;
      }
      long end = at + clusterBytes;
      while (end < length && end - at < BUFFER_BYTES && !isPlainData.test(end / clusterBytes)) {
        end += clusterBytes;
      }
      cancel.check();
      update(digest, input, at, Math.min(end, length), buffer);
      at = end;
    }
    update(digest, input, 0, Math.min(clusterBytes, length), buffer);
    return digest.checksum();
  }

  private static void update(
      ChecksumStream digest, ObjectInput input, long from, long to, ByteBuffer buffer) {
    buffer.clear().limit(Math.toIntExact(to - from));
    input.readFully(from, buffer);
    digest.update(buffer.flip());
  }
}
