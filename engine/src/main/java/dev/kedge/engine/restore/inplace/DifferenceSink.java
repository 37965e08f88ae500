package dev.kedge.engine.restore.inplace;

import dev.kedge.ceph.AioCompletion;
import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.plan.ExtentList;
import dev.kedge.engine.restore.AllocatedRanges;
import dev.kedge.engine.restore.RbdWrites;
import dev.kedge.engine.restore.RestoreSink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Compares what an image should hold with what it holds, in blocks of 4 KiB, and writes those that
 * differ, or only notes them. What lies behind the image's end counts as zeroes. The image is read
 * ahead of the comparison. For one thread.
 */
final class DifferenceSink implements RestoreSink {
  private static final int GRANULE_BYTES = 4096;
  private static final int BLOCK_BYTES = 1 << 20;
  private static final int READ_AHEAD = 8;

  private record Pending(
      long offset,
      MemorySegment expected,
      MemorySegment actual,
      @Nullable AioCompletion read,
      Runnable whenWritten) {}

  private final RbdImage image;
  private final long sizeBytes;
  private final @Nullable RbdWrites writes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment zeroes = arena.allocate(BLOCK_BYTES, GRANULE_BYTES);
  private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private final ExtentList differing = new ExtentList();
  private @Nullable AllocatedRanges allocated;
  private long comparedBytes;
  private long differingBytes;
  private long zeroedBytes;

  private DifferenceSink(RbdImage image, @Nullable RbdWrites writes) {
    this.image = image;
    this.sizeBytes = image.sizeBytes();
    this.writes = writes;
    for (int i = 0; i < READ_AHEAD; i++) {
      free.add(arena.allocate(BLOCK_BYTES, GRANULE_BYTES));
    }
  }

  /** Writes nothing. */
  static DifferenceSink comparing(RbdImage image) {
    return new DifferenceSink(image, null);
  }

  /** Writes what differs to the image, which is as long as it will be. */
  static DifferenceSink writing(RbdImage image) {
    return new DifferenceSink(image, new RbdWrites(image));
  }

  /** The blocks that differed; normalised. */
  ExtentList differing() {
    return differing;
  }

  /** How much of the image was read. */
  long comparedBytes() {
    return comparedBytes;
  }

  /** How much of that differed, and was written where this writes. */
  long differingBytes() {
    return differingBytes;
  }

  /** How much of that has to be zeroes. */
  long zeroedBytes() {
    return zeroedBytes;
  }

  @Override
  public int granuleBytes() {
    return GRANULE_BYTES;
  }

  @Override
  public void data(long offset, MemorySegment bytes, Runnable whenWritten) {
    try {
      long at = 0;
      for (; bytes.byteSize() - at > BLOCK_BYTES; at += BLOCK_BYTES) {
        read(offset + at, bytes.asSlice(at, BLOCK_BYTES), () -> {});
      }
      read(offset + at, bytes.asSlice(at), whenWritten);
    } catch (Throwable e) {
      try {
        drain();
      } finally {
        whenWritten.run();
      }
      throw e;
    }
  }

  @Override
  public boolean holdsMemory() {
    return true;
  }

  @Override
  public void hole(long offset, long lengthBytes) {
    AllocatedRanges ranges = allocated == null ? new AllocatedRanges(image) : allocated;
    allocated = ranges;
    ranges.forEachIn(
        offset,
        lengthBytes,
        BLOCK_BYTES,
        (at, length) -> read(at, zeroes.asSlice(0, length), () -> {}));
  }

  private void read(long offset, MemorySegment expected, Runnable whenWritten) {
    while (free.isEmpty()) {
      compareOldest();
    }
    MemorySegment actual = free.getFirst().asSlice(0, expected.byteSize());
    long inImage = Math.clamp(sizeBytes - offset, 0, actual.byteSize());
    actual.asSlice(inImage).fill((byte) 0);
    AioCompletion read = inImage == 0 ? null : image.readAsync(offset, actual.asSlice(0, inImage));
    comparedBytes += inImage;
    pending.addLast(new Pending(offset, expected, free.removeFirst(), read, whenWritten));
  }

  private void compareOldest() {
    Pending oldest = pending.removeFirst();
    free.addLast(oldest.actual);
    try {
      AioCompletion read = oldest.read;
      if (read != null) {
        read.await();
      }
      compare(oldest.offset, oldest.expected, oldest.actual.asSlice(0, oldest.expected.byteSize()));
    } catch (Throwable e) {
      try {
        drainWrites();
      } finally {
        oldest.whenWritten.run();
      }
      throw e;
    }
    if (writes == null) {
      oldest.whenWritten.run();
    } else {
      writes.then(oldest.whenWritten);
    }
  }

  private void compare(long offset, MemorySegment expected, MemorySegment actual) {
    long mismatch = expected.mismatch(actual);
    long at = mismatch < 0 ? expected.byteSize() : mismatch / GRANULE_BYTES * GRANULE_BYTES;
    while (at < expected.byteSize()) {
      if (!differs(expected, actual, at)) {
        at += GRANULE_BYTES;
        continue;
      }
      long start = at;
      boolean zero = !differs(expected, zeroes, at);
      do {
        at += GRANULE_BYTES;
      } while (at < expected.byteSize()
          && differs(expected, actual, at)
          && differs(expected, zeroes, at) != zero);
      long end = Math.min(at, expected.byteSize());
      found(offset + start, expected.asSlice(start, end - start), zero);
    }
  }

  private static boolean differs(MemorySegment one, MemorySegment other, long at) {
    long end = Math.min(at + GRANULE_BYTES, one.byteSize());
    return MemorySegment.mismatch(one, at, end, other, at, end) >= 0;
  }

  private void found(long offset, MemorySegment expected, boolean zero) {
    differing.add(offset, expected.byteSize(), false);
    differingBytes += expected.byteSize();
    zeroedBytes += zero ? expected.byteSize() : 0;
    if (writes == null) {
      return;
    }
    if (zero) {
      // Not a discard: that may skip what is smaller than its granularity.
      writes.zeroes(offset, expected.byteSize());
    } else {
      writes.data(offset, expected, () -> {});
    }
  }

  @Override
  public boolean settleOldest() {
    if (!pending.isEmpty()) {
      compareOldest();
      return true;
    }
    return writes != null && writes.settleOldest();
  }

  @Override
  public void drain() {
    @Nullable RuntimeException first = null;
    while (!pending.isEmpty()) {
      try {
        compareOldest();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    drainWrites();
    if (first != null) {
      throw first;
    }
  }

  private void drainWrites() {
    if (writes != null) {
      writes.drain();
    }
  }

  @Override
  public void commit() {
    if (writes != null) {
      image.flush();
    }
  }

  @Override
  public void close() {
    try {
      drain();
    } finally {
      arena.close();
    }
  }
}
