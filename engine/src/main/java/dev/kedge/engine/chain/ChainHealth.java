package dev.kedge.engine.chain;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/** A quick look at a chain before something is built on it: it reads no data. */
public final class ChainHealth {
  private ChainHealth() {}

  /**
   * What is wrong with a restore point or one that it builds on: a manifest that cannot be read, a
   * file that is missing or has another length. Empty where nothing meets the eye.
   *
   * @throws KedgeException where the target cannot be read, so that nothing can be said
   */
  public static Optional<String> damage(ImageStore store, UUID point) {
    try {
      for (Manifest manifest : store.chain(point)) {
        try (ObjectInput data = store.openData(manifest)) {
          if (data.lengthBytes() != manifest.file().lengthBytes()) {
            return Optional.of(
                manifest.file().name()
                    + " has "
                    + data.lengthBytes()
                    + " bytes instead of "
                    + manifest.file().lengthBytes());
          }
        }
      }
      // The headers, and where the tables are.
      RestorePointReader.open(store, point).close();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.VERIFICATION_FAILED || e.code() == ErrorCode.NOT_FOUND) {
        return Optional.of(e.getMessage());
      }
      throw e;
    }
  }
}
