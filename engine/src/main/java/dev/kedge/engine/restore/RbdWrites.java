package dev.kedge.engine.restore;

import dev.kedge.ceph.AioCompletion;
import dev.kedge.ceph.RbdImage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous writes to an image. Where librbd copies what it writes, the memory handed over is
 * free at once; else it is given back in the order in which the writes were started. For one
 * thread.
 */
public final class RbdWrites {
  private static final int MOST_UNDER_WAY = 64;

  /** What keeps an OSD busy, and no more: docs/performance.md has what less and more take. */
  private static final long MOST_COPIED_BYTES = 30 << 20;

  private static final long LOOK_NANOS = 1_000_000;

  private record Write(@Nullable AioCompletion completion, long copiedBytes, Runnable whenWritten) {
    boolean isDone() {
      return completion == null || completion.isDone();
    }
  }

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
      if (copied) {
        settleAny();
      } else {
        settle();
      }
    }
  }

  /**
   * Waits until one at least is done, and settles all that are: in the order of their start, a slow
   * one would keep the room that later ones have left. librbd cannot wait for one of many.
   */
  private void settleAny() {
    while (!settleDone()) {
      if (Thread.currentThread().isInterrupted()) {
        settle();
        return;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private boolean settleDone() {
    boolean any = false;
    for (Iterator<Write> writes = underWay.iterator(); writes.hasNext(); ) {
      Write write = writes.next();
      if (write.isDone()) {
        writes.remove();
        any = true;
        finish(write);
      }
    }
    return any;
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
    finish(oldest);
    return true;
  }

  private void finish(Write write) {
    copiedBytes -= write.copiedBytes;
    try {
      AioCompletion completion = write.completion;
      if (completion != null) {
        completion.await();
      }
    } finally {
      write.whenWritten.run();
    }
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
