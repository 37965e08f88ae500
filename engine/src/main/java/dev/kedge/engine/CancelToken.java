package dev.kedge.engine;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;

/** A wish to stop, set once from any thread and looked at between two steps of the work. */
public final class CancelToken {
  private volatile boolean cancelled;

  /** Asks the work to stop at its next step; the work then cleans up after itself. */
  public void cancel() {
    cancelled = true;
  }

  /** Whether somebody asked. */
  public boolean isCancelled() {
    return cancelled;
  }

  /** Returns when nobody asked to stop, else throws INTERRUPTED. */
  public void check() {
    if (cancelled) {
      throw new KedgeException(ErrorCode.INTERRUPTED, "stopped by request");
    }
  }
}
