package dev.kedge.engine.pipeline;

import dev.kedge.engine.CancelToken;

/**
 * Keeps a stream of bytes below a rate: the caller waits before each piece until the average since
 * a moment ago allows it. A pause does not save up more than a quarter of a second. For one thread.
 */
public final class RateLimit {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long LARGEST_CREDIT_NANOS = NANOS_PER_SECOND / 4;
  private static final long NAP_MILLIS = 50;

  private final long bytesPerSecond;
  private long freeAtNanos = System.nanoTime();

  /** Limits to so many bytes a second; 0 means no limit. */
  public RateLimit(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Waits until so many bytes may go, in naps short enough for a cancellation to be noticed. */
  public void acquire(long bytes, CancelToken cancel) throws InterruptedException {
    cancel.check();
    if (bytesPerSecond == 0) {
      return;
    }
    freeAtNanos = Math.max(freeAtNanos, System.nanoTime() - LARGEST_CREDIT_NANOS);
    for (long wait = freeAtNanos - System.nanoTime();
        wait > 0;
        wait = freeAtNanos - System.nanoTime()) {
      Thread.sleep(Math.min(NAP_MILLIS, wait / 1_000_000 + 1));
      cancel.check();
    }
    freeAtNanos += (long) ((double) bytes / bytesPerSecond * NANOS_PER_SECOND);
  }
}
