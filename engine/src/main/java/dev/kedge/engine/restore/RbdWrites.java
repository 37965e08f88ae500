package dev.kedge.engine.restore;

import dev.kedge.ceph.AioCompletion;
import dev.kedge.ceph.RbdImage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous writes to an image, settled in the order in which they were started. For one thread.
 */
public final class RbdWrites {
  private static final int MOST_UNDER_WAY = 64;

  private record Write(@Nullable AioCompletion completion, Runnable whenWritten) {}

  private final RbdImage image;
  private final ArrayDeque<Write> underWay = new ArrayDeque<>();

  /** Writes to an image that is open for writing. */
  public RbdWrites(RbdImage image) {
    this.image = image;
  }

  /** Writes; the memory is in use until {@code whenWritten} runs, once, even when this throws. */
  public void data(long offset, MemorySegment bytes, Runnable whenWritten) {
    AioCompletion completion;
    try {
      makeRoom();
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
    underWay.addLast(new Write(completion, whenWritten));
  }

  /** Makes a range read as zeroes. */
  public void zeroes(long offset, long lengthBytes) {
    makeRoom();
    underWay.addLast(new Write(image.writeZeroesAsync(offset, lengthBytes), () -> {}));
  }

  /** Runs this when all that was started is settled. */
  public void then(Runnable whenWritten) {
    underWay.addLast(new Write(null, whenWritten));
    if (underWay.size() == 1) {
      settleOldest();
    }
  }

  private void makeRoom() {
    while (underWay.size() >= MOST_UNDER_WAY) {
      settleOldest();
    }
  }

  /** Waits for the oldest; false where nothing is under way. */
  public boolean settleOldest() {
    Write oldest = underWay.pollFirst();
    if (oldest == null) {
      return false;
    }
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
        settleOldest();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
