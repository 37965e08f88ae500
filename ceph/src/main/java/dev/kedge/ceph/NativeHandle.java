package dev.kedge.ceph;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * A native pointer that stays valid while a call uses it: calls run side by side, closing waits for
 * them and refuses new ones. Thread-safe.
 */
final class NativeHandle {
  private final String object;
  private final MemorySegment pointer;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private volatile boolean closing;
  private boolean closed;

  NativeHandle(String object, MemorySegment pointer) {
    this.object = object;
    this.pointer = pointer;
  }

  /**
   * Runs a call with the pointer.
   *
   * @throws IllegalStateException where the handle is closed, or about to be
   */
  long use(ToLongFunction<MemorySegment> call) {
    lock.readLock().lock();
    try {
      if (closing) {
        throw new IllegalStateException(object + " is closed");
      }
      return call.applyAsLong(pointer);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Whether somebody waits to close it; a long call should end soon. */
  boolean isClosing() {
    return closing;
  }

  /**
   * Waits for the calls in progress, then runs the release once. A release that throws
   * IllegalStateException can be tried again; after any other end the handle is gone.
   */
  void close(Consumer<MemorySegment> release) {
    if (lock.getReadHoldCount() > 0) {
      throw new IllegalStateException(object + " cannot be closed from within its own call");
    }
    closing = true;
    lock.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      boolean retry = false;
      try {
        release.accept(pointer);
      } catch (IllegalStateException e) {
        retry = true;
        throw e;
      } finally {
        closed = !retry;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
