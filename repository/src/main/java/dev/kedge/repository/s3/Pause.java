package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;

/** Waits longer from attempt to attempt, by chance, so that those who compete drift apart. */
final class Pause {
  private Pause() {}

  /** Waits before attempt {@code attempt + 1}, counted from 1. */
  static void before(int attempt, S3Location location) {
    try {
      Thread.sleep(S3Connection.backoff().computeDelay(attempt));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KedgeException(ErrorCode.INTERRUPTED, "Stopped while using " + location, e);
    }
  }
}
