package dev.kedge.repository;

import com.dynatrace.hash4j.hashing.HashStream128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;

/** The checksum of bytes that come in pieces. Constant memory. Not thread-safe. */
public final class ChecksumStream {
  /** Small enough to stay in the first-level cache. */
  private static final int SCRATCH_BYTES = 16 << 10;

  private final HashStream128 stream = Hashing.xxh3_128().hashStream();
  private final byte[] scratch = new byte[SCRATCH_BYTES];

  /** Adds what remains in a buffer, whose position stays. */
  public void update(ByteBuffer bytes) {
    ByteBuffer rest = bytes.duplicate();
    while (rest.hasRemaining()) {
      int lengthBytes = Math.min(scratch.length, rest.remaining());
      rest.get(scratch, 0, lengthBytes);
      stream.putBytes(scratch, 0, lengthBytes);
    }
  }

  /** The checksum of everything so far; more may follow. */
  public Checksum checksum() {
    return Checksummer.of(stream.get());
  }
}
