package dev.kedge.repository;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Computes the checksum of one buffer at a time: what lies off the heap by {@link NativeXxh3} where
 * that is installed, else in Java. Each worker has its own. Not thread-safe.
 *
 * <p>In Java it goes through a scratch array as long as the longest buffer seen. Once warm, the
 * copy costs nothing that shows, and it gets there sooner than through hash4j's accessors for
 * segments.
 */
public final class Checksummer {
  private static final Hasher128 XXH3 = Hashing.xxh3_128();

  private final @Nullable NativeXxh3 nativeXxh3;
  private byte[] scratch = new byte[0];

  /** One that uses the installed library if there is one. */
  public Checksummer() {
    this(NativeXxh3.create());
  }

  Checksummer(@Nullable NativeXxh3 nativeXxh3) {
    this.nativeXxh3 = nativeXxh3;
  }

  /** The checksum of a whole segment of at most 2 GiB; on or off the heap. */
  public Checksum of(MemorySegment bytes) {
    if (nativeXxh3 != null && bytes.isNative()) {
      return nativeXxh3.of(bytes);
    }
    int lengthBytes = Math.toIntExact(bytes.byteSize());
    if (scratch.length < lengthBytes) {
      scratch = new byte[lengthBytes];
    }
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, scratch, 0, lengthBytes);
    return of(scratch, 0, lengthBytes);
  }

  /** The checksum of what remains in a buffer, whose position stays. */
  public Checksum of(ByteBuffer bytes) {
    return of(MemorySegment.ofBuffer(bytes));
  }

  /** The checksum of a whole array. */
  public static Checksum of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  private static Checksum of(byte[] bytes, int offset, int lengthBytes) {
    return of(XXH3.hashBytesTo128Bits(bytes, offset, lengthBytes));
  }

  static Checksum of(HashValue128 value) {
    return new Checksum(value.getMostSignificantBits(), value.getLeastSignificantBits());
  }
}
