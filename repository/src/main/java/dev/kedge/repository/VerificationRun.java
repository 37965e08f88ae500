package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Instant;
import java.util.Optional;

/** The object that says when the verification began that is under way or was interrupted. */
final class VerificationRun {
  static final String NAME = "verification.json";
  private static final int SCHEMA = 1;

  private VerificationRun() {}

  static void begin(BackupTarget target, Instant at) {
    target.replace(
        NAME,
        SealedJson.seal(
            SealedJson.newObject().put("schema", SCHEMA).put("begunAt", at.toString())));
  }

  static void end(BackupTarget target) {
    target.delete(NAME);
  }

  /** Empty where there is none, or that is damaged: then a verification begins anew. */
  static Optional<Instant> begunAt(BackupTarget target) {
    try {
      byte[] bytes = target.readAll(NAME, SealedJson.MAX_BYTES);
      JsonFields json = new JsonFields(SealedJson.unseal(bytes, NAME), NAME);
      json.requireVersion("schema", SCHEMA);
      return Optional.of(json.instant("begunAt"));
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND || e.code() == ErrorCode.VERIFICATION_FAILED) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
