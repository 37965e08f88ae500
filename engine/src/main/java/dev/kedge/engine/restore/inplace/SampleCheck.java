package dev.kedge.engine.restore.inplace;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.plan.ExtentList;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Doubts on a sample that an image holds what it should outside the candidates. */
final class SampleCheck {
  private static final int BLOCKS = 32;
  private static final int BLOCK_BYTES = 64 << 10;

  /** What the image should hold. */
  @FunctionalInterface
  interface Content {
    /** Fills the memory from an offset on. */
    void read(long offset, MemorySegment into) throws IOException;
  }

  private SampleCheck() {}

  /** Why the candidates cannot be trusted; empty where they can. */
  static Optional<String> doubt(
      RbdImage image, Content wanted, long sizeBytes, ExtentList candidates, RandomGenerator random)
      throws IOException {
    long size = Math.min(image.sizeBytes(), sizeBytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment expected = arena.allocate(BLOCK_BYTES);
      MemorySegment actual = arena.allocate(BLOCK_BYTES);
      for (int i = size == 0 ? 0 : BLOCKS; i > 0; i--) {
        long offset = random.nextLong((size + BLOCK_BYTES - 1) / BLOCK_BYTES) * BLOCK_BYTES;
        long length = Math.min(BLOCK_BYTES, size - offset);
        if (candidates.touches(offset, length)) {
          continue;
        }
        wanted.read(offset, expected.asSlice(0, length));
        image.read(offset, actual.asSlice(0, length));
        if (MemorySegment.mismatch(expected, 0, length, actual, 0, length) >= 0) {
          return Optional.of("the diff misses that offset " + offset + " differs");
        }
      }
      return Optional.empty();
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.VERIFICATION_FAILED) {
        throw e;
      }
      // Perhaps only what need not be restored is damaged.
      return Optional.of(e.getMessage());
    }
  }
}
