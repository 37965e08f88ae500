package dev.kedge.engine.verify;

import dev.kedge.repository.Manifest;
import dev.kedge.repository.Proof;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What of a repository is verified, and how much of it.
 *
 * @param takenSince only restore points made at this time or later; null for all
 * @param provenSince those that were read whole at this time or later are not read again, and one
 *     that was begun to be read since is read on; null to read all of them
 * @param share how much of each restore point's data is read, above 0 and at most 1. Below 1 a run
 *     goes on where the one before ended, so that after 1/share of them everything was read
 */
public record VerifyScope(
    @Nullable Instant takenSince, @Nullable Instant provenSince, double share) {
  /** Everything, whole. */
  public static final VerifyScope ALL = new VerifyScope(null, null, 1);

  /** Checks the share. */
  public VerifyScope {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("a share of " + share);
    }
  }

  boolean isEverything() {
    return takenSince == null && !isSample();
  }

  boolean isSample() {
    return share < 1;
  }

  boolean includes(Manifest point) {
    return includes(point.createdAt());
  }

  boolean includes(Instant createdAt) {
    return takenSince == null || !createdAt.isBefore(takenSince);
  }

  boolean isProven(Proof proof) {
    Instant provenAt = proof.provenAt();
    return provenSince != null
        && provenAt != null
        && proof.damagedAt() == null
        && !provenAt.isBefore(provenSince);
  }

  /** Where to begin: a new pass, or one that is under way. */
  Proof.Pass pass(Proof proof, Instant now) {
    Proof.Pass pass = proof.pass();
    boolean goesOn =
        pass != null
            && (isSample() || (provenSince != null && !pass.begunAt().isBefore(provenSince)));
    return goesOn && pass != null ? pass : new Proof.Pass(now, 0);
  }
}
