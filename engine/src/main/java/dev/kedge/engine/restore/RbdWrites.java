package dev.kedge.engine.restore;

import dev.kedge.ceph.AioCompletion;
import dev.kedge.ceph.RbdImage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Asynchronous writes to an image, settled in the order in which they were started. */
final class RbdWrites {
  private static final int MOST_UNDER_WAY = 64;

  private record Write(AioCompletion completion, Runnable whenWritten) {}

  private final RbdImage image;
  private final ArrayDeque<Write> underWay = new ArrayDeque<>();

  RbdWrites(RbdImage image) {
    this.image = image;
  }

  void data(long offset, MemorySegment bytes, Runnable whenWritten) {
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

  void zeroes(long offset, long lengthBytes) {
    makeRoom();
    underWay.addLast(new Write(image.writeZeroesAsync(offset, lengthBytes), () -> {}));
  }

  private void makeRoom() {
    while (underWay.size() >= MOST_UNDER_WAY) {
      settleOldest();
    }
  }

  boolean settleOldest() {
    Write oldest = underWay.pollFirst();
    if (oldest == null) {
      return false;
    }
    try {
      oldest.completion.await();
    } finally {
      oldest.whenWritten.run();
    }
    return true;
  }

  /** Settles all, even when some fail; throws the first failure. */
  void drain() {
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
