package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Duration;

/** How to wait; tests wait in no time. */
@FunctionalInterface
public interface Pause {
  /** Returns when the time has passed; throws INTERRUPTED where the thread is asked to stop. */
  void sleep(Duration time);

  /** Sleeps for real. */
  static Pause real() {
    return time -> {
      try {
        Thread.sleep(time);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new KedgeException(ErrorCode.INTERRUPTED, "stopped while waiting for OpenStack", e);
      }
    };
  }
}
