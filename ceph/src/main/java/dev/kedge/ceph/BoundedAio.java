package dev.kedge.ceph;

import dev.kedge.base.KedgeException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps at most so many requests under way: a further one waits for the oldest. The first error
 * wins; after it nothing is started any more. Confined to one thread.
 */
public final class BoundedAio implements AutoCloseable {
  private final int depth;
  private final Deque<AioCompletion> inFlight = new ArrayDeque<>();
  private @Nullable KedgeException failure;

  /**
   * @param depth how many requests may be under way, at least one
   */
  public BoundedAio(int depth) {
    if (depth < 1) {
      throw new IllegalArgumentException("depth must be at least 1: " + depth);
    }
    this.depth = depth;
  }

  /**
   * Starts a request, having waited for the oldest where the depth is reached.
   *
   * @throws KedgeException the first failure so far; the request is not started then
   */
  public void submit(Supplier<AioCompletion> start) {
    while (inFlight.size() >= depth) {
      awaitOldest();
    }
    throwFailure();
    inFlight.add(start.get());
  }

  /**
   * Waits for all requests.
   *
   * @throws KedgeException the first failure since the beginning
   */
  public void drain() {
    while (!inFlight.isEmpty()) {
      awaitOldest();
    }
    throwFailure();
  }

  /** How many requests are not awaited yet. */
  public int inFlight() {
    return inFlight.size();
  }

  /** Waits for all requests, so that their buffers can be freed; {@link #drain()} reports. */
  @Override
  public void close() {
    while (!inFlight.isEmpty()) {
      awaitOldest();
    }
  }

  private void awaitOldest() {
    try {
      inFlight.remove().await();
    } catch (KedgeException e) {
      if (failure == null) {
        failure = e;
      } else {
        failure.addSuppressed(e);
      }
    }
  }

  private void throwFailure() {
    if (failure != null) {
      throw failure;
    }
  }
}
