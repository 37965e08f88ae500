package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import java.time.Duration;

/**
 * Tries again while an image is in use, as long as the client in question may be a dead one: Ceph
 * counts a client that was killed as a watcher for half a minute (osd_client_watch_timeout).
 */
public final class ClientWait {
  private static final Duration LONGEST = Duration.ofSeconds(40);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private ClientWait() {}

  /**
   * Runs the action until it does not report BUSY.
   *
   * @throws KedgeException what the action threw last; INTERRUPTED where it is cancelled meanwhile
   */
  public static void untilFree(
      Runnable action, String waitingFor, Progress progress, CancelToken cancel) {
    long deadlineNanos = System.nanoTime() + LONGEST.toNanos();
    boolean said = false;
    while (true) {
      try {
        action.run();
        return;
      } catch (KedgeException e) {
        if (e.code() != ErrorCode.BUSY || System.nanoTime() > deadlineNanos) {
          throw e;
        }
      }
      if (!said) {
        said = true;
        progress.note(
            "waiting up to "
                + LONGEST.toSeconds()
                + " s for "
                + waitingFor
                + ", in case its client is dead");
      }
      pause(cancel);
    }
  }

  private static void pause(CancelToken cancel) {
    cancel.check();
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KedgeException(ErrorCode.INTERRUPTED, "stopped by request", e);
    }
  }
}
