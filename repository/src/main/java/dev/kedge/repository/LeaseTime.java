package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Duration;
import java.time.Instant;

/** The time that leases go by; tests drive their own. Thread-safe. */
public interface LeaseTime {
  /** The machine's clocks. */
  LeaseTime SYSTEM =
      new LeaseTime() {
        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public void sleep(Duration duration) {
          try {
            Thread.sleep(duration);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KedgeException(
                ErrorCode.INTERRUPTED, "Stopped while waiting for a lease to run out", e);
          }
        }
      };

  /** The wall clock, which can jump and can differ between hosts. */
  Instant now();

  /** Nanoseconds that only grow; comparable within this process. */
  long nanoTime();

  /** Waits by {@link #nanoTime}. */
  void sleep(Duration duration);
}
