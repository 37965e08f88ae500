package dev.kedge.repository;

import dev.kedge.base.KedgeException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The daemon thread that renews a lease. Thread-safe. */
final class LeaseRenewal {
  private static final int RETRIES_PER_INTERVAL = 3;

  private final Lease lease;
  private final Duration every;
  private final CountDownLatch stopped = new CountDownLatch(1);

  LeaseRenewal(Lease lease, Duration every) {
    this.lease = lease;
    this.every = every;
  }

  void start() {
    Thread.ofPlatform().daemon().name("kedge-lease").start(this::run);
  }

  void stop() {
    stopped.countDown();
  }

  private void run() {
    Duration wait = every;
    try {
      while (!stopped.await(wait.toNanos(), TimeUnit.NANOSECONDS) && !lease.isOver()) {
        wait = renewed() ? every : every.dividedBy(RETRIES_PER_INTERVAL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A failure is no news yet: the lease itself knows when it is lost, and whoever uses it asks. */
  private boolean renewed() {
    try {
      lease.renew();
      return true;
    } catch (KedgeException e) {
      return false;
    }
  }
}
