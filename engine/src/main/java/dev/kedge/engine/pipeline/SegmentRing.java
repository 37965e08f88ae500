package dev.kedge.engine.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * A fixed piece of off-heap memory, handed out in slices and given back in the same order. Its size
 * is the bound on the data under way: whoever wants more waits. One thread allocates, another
 * releases.
 *
 * <p>Closing frees the memory: nothing native may still point into it then.
 */
public final class SegmentRing implements AutoCloseable {
  private static final long PAGE_BYTES = 4096;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final ArrayDeque<Long> heldBytes = new ArrayDeque<>();
  private long head;
  private long used;
  private boolean aborted;

  /** A ring of this many bytes. */
  public SegmentRing(long capacityBytes) {
    memory = UntouchedMemory.allocate(arena, roundUp(capacityBytes), PAGE_BYTES);
  }

  /** The largest slice that can be had. */
  public long capacityBytes() {
    return memory.byteSize();
  }

  /**
   * A page-aligned slice of this many bytes; its content is whatever was there. Waits until there
   * is room.
   *
   * @throws InterruptedException when interrupted, or when the ring was aborted while waiting
   */
  public synchronized MemorySegment allocate(long lengthBytes) throws InterruptedException {
    long want = roundUp(lengthBytes);
    if (want > capacityBytes()) {
      throw new IllegalArgumentException(lengthBytes + " bytes from a ring of " + capacityBytes());
    }
    // A slice is contiguous: what is left before the end of the ring is skipped, and held with it.
    boolean wraps = head + want > capacityBytes();
    long skip = wraps ? capacityBytes() - head : 0;
    while (used + skip + want > capacityBytes() && used > 0 && !aborted) {
      wait();
    }
    if (aborted) {
      throw new InterruptedException("the ring was aborted");
    }
    if (used == 0) {
      // Nothing is held, so the slice can start anywhere.
      wraps = true;
      skip = 0;
    }
    long start = wraps ? 0 : head;
    head = start + want;
    used += skip + want;
    heldBytes.addLast(skip + want);
    return memory.asSlice(start, lengthBytes);
  }

  /** Gives the oldest slice back. */
  public synchronized void releaseOldest() {
    used -= heldBytes.removeFirst();
    notifyAll();
  }

  /** Wakes whoever waits, and lets nobody allocate any more. */
  public synchronized void abort() {
    aborted = true;
    notifyAll();
  }

  @Override
  public void close() {
    arena.close();
  }

  private static long roundUp(long bytes) {
    return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  }
}
