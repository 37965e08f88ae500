package dev.kedge.engine.restore;

import dev.kedge.ceph.AioCompletion;
import dev.kedge.ceph.RbdImage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous writes to an image, settled in the order in which they were started. Where librbd
 * copies what it writes, the memory handed over is free at once. For one thread.
 */
public final class RbdWrites {
  private static final int MOST_UNDER_WAY = 64;
  private static final long MOST_COPIED_BYTES = 28 << 20;

  private record Write(
      @Nullable AioCompletion completion, long copiedBytes, Runnable whenWritten) {}

  private final RbdImage image;
  private final boolean copied;
  private final ArrayDeque<Write> underWay = new ArrayDeque<>();
  private long copiedBytes;

  /** Writes to an image that is open for writing. */
  public RbdWrites(RbdImage image) {
    this.image = image;
    this.copied = image.copiesWrites();
  }

  /** Whether memory is in use after {@link #data} has returned. */
  public boolean holdsMemory() {
    return !copied;
  }

  /** Writes; the memory is in use until {@code whenWritten} runs, once, even when this throws. */
  public void data(long offset, MemorySegment bytes, Runnable whenWritten) {
    AioCompletion completion;
    long length = copied ? bytes.byteSize() : 0;
    try {
      makeRoom(length);
      completion = image.writeAsync(offset, bytes);
    } catch (Throwable e) {
      // The slices are given back in their order: the older ones first.
      try {
        drain();
      } finally {
        whenWritten.run();
      }
      throw e;
    }
    copiedBytes += length;
    underWay.addLast(new Write(completion, length, copied ? () -> {} : whenWritten));
    if (copied) {
      whenWritten.run();
    }
  }

  /** Makes a range read as zeroes. */
  public void zeroes(long offset, long lengthBytes) {
    makeRoom(0);
    underWay.addLast(new Write(image.writeZeroesAsync(offset, lengthBytes), 0, () -> {}));
  }

  /** Runs this when the memory of all that was started is free. */
  public void then(Runnable whenFree) {
    if (copied || underWay.isEmpty()) {
      whenFree.run();
    } else {
      underWay.addLast(new Write(null, 0, whenFree));
    }
  }

  private void makeRoom(long lengthBytes) {
    while (!underWay.isEmpty()
        && (underWay.size() >= MOST_UNDER_WAY || copiedBytes + lengthBytes > MOST_COPIED_BYTES)) {
      settle();
    }
  }

  /** Waits for the oldest, so that its memory is free; false where no memory is in use. */
  public boolean settleOldest() {
    return holdsMemory() && settle();
  }

  private boolean settle() {
    Write oldest = underWay.pollFirst();
    if (oldest == null) {
      return false;
    }
    copiedBytes -= oldest.copiedBytes;
    try {
      AioCompletion completion = oldest.completion;
      if (completion != null) {
        completion.await();
      }
    } finally {
      oldest.whenWritten.run();
    }
    return true;
  }

  /** Settles all, even when some fail; throws the first failure. */
  public void drain() {
    @Nullable RuntimeException first = null;
    while (!underWay.isEmpty()) {
      try {
        settle();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
