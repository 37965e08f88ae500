package dev.kedge.engine.verify;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.Progress;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Proof;

/**
 * Remembers verifications on the target, where it can be written to: that a memory is lost must not
 * keep anybody from reading. For one thread.
 */
final class ProofMemory {
  private final Progress progress;
  private boolean broken;

  ProofMemory(Progress progress) {
    this.progress = progress;
  }

  void remember(ImageStore store, Proof proof) {
    if (!broken) {
      orNote(() -> store.remember(proof));
    }
  }

  void orNote(Runnable writing) {
    try {
      writing.run();
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.TARGET_UNREACHABLE
          && e.code() != ErrorCode.TARGET_FULL
          && e.code() != ErrorCode.PERMISSION_DENIED) {
        throw e;
      }
      broken = true;
      progress.note("what is verified cannot be remembered: " + e.getMessage());
    }
  }
}
