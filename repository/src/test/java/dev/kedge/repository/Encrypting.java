package dev.kedge.repository;

import dev.kedge.repository.crypt.EncryptedTarget;
import dev.kedge.repository.crypt.RepositoryKey;
import java.time.Instant;
import java.util.List;

/** Encrypted repositories whose key the test has; nobody has a passphrase. */
final class Encrypting {
  /** Small, so that small objects have several. */
  static final int FRAME_BYTES = 4096;

  private static final RepositoryKey KEY = RepositoryKey.create();
  private static final Encryption ENCRYPTION =
      new Encryption(
          Encryption.CIPHER,
          FRAME_BYTES,
          List.of(
              new KeySlot(
                  1,
                  "",
                  Instant.EPOCH,
                  8,
                  1,
                  1,
                  "0".repeat(2 * KeySlot.SALT_BYTES),
                  "0".repeat(2 * KeySlot.WRAPPED_BYTES))));

  private Encrypting() {}

  /** An encrypted repository on this target, made if it is not there. */
  static BackupTarget over(BackupTarget lower) {
    Repository.create(lower, info -> info.withEncryption(ENCRYPTION));
    return target(lower);
  }

  /** The same without kedge.json. */
  static BackupTarget target(BackupTarget lower) {
    return new EncryptedTarget(lower, KEY, FRAME_BYTES);
  }
}
