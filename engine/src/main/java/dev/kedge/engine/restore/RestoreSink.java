package dev.kedge.engine.restore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Where a restore goes. Data and holes arrive in ascending order and cover the restored ranges
 * once; all calls come from one thread at a time. Nothing counts as restored before {@link
 * #commit}: closing without it removes what was begun, so that no half-restored disk can be taken
 * for a whole one.
 */
public interface RestoreSink extends AutoCloseable {
  /** Data starts and ends at multiples of this, except at the end of the image. */
  int granuleBytes();

  /**
   * Takes a stretch of data. The memory belongs to the sink until it runs {@code whenWritten},
   * which it does in the order of the calls, exactly once for each, even when this throws.
   */
  void data(long offset, MemorySegment bytes, Runnable whenWritten) throws IOException;

  /** Whether memory may still be in use when {@link #data} has returned. */
  default boolean holdsMemory() {
    return false;
  }

  /** This stretch reads as zeroes. */
  void hole(long offset, long lengthBytes) throws IOException;

  /**
   * Waits for the oldest data under way, so that its memory is free again.
   *
   * @return false where nothing is under way
   */
  default boolean settleOldest() throws IOException {
    return false;
  }

  /** Waits for what is under way. After this no memory handed over is in use, even if it throws. */
  default void drain() throws IOException {}

  /** Makes the restored disk durable and gives it its name. */
  void commit() throws IOException;

  @Override
  void close();
}
