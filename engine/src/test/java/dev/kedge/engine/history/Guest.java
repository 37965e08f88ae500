package dev.kedge.engine.history;

import dev.kedge.ceph.RbdImage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/** Whoever uses an image: writes, discards, zeroes. */
final class Guest {
  private Guest() {}

  /** Writes one byte over and over. */
  static void fill(RbdImage image, long offset, long lengthBytes, char with) {
    try (Arena arena = Arena.ofConfined()) {
      image.write(offset, arena.allocate(lengthBytes).fill((byte) with));
    }
  }

  /** Writes what no compressor gets smaller. */
  static void writeNoise(RbdImage image, long offset, int lengthBytes, RandomGenerator random) {
    byte[] noise = new byte[lengthBytes];
    random.nextBytes(noise);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(lengthBytes);
      memory.copyFrom(MemorySegment.ofArray(noise));
      image.write(offset, memory);
    }
  }

  static void zero(RbdImage image, long offset, long lengthBytes) {
    image.writeZeroesAsync(offset, lengthBytes).await();
  }

  static void discard(RbdImage image, long offset, long lengthBytes) {
    image.discardAsync(offset, lengthBytes).await();
  }
}
