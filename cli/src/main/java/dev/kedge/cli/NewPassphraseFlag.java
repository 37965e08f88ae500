package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.KeySlot;
import dev.kedge.repository.crypt.Passphrase;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a key slot that is made shall have. */
final class NewPassphraseFlag {
  @Option(
      names = "--new-passphrase-file",
      paramLabel = "FILE",
      description = {
        "the new passphrase; - is standard input",
        "(default: $KEDGE_NEW_PASSPHRASE_FILE, else $KEDGE_NEW_PASSPHRASE, else a prompt)"
      })
  private @Nullable String file;

  @Option(names = "--label", paramLabel = "TEXT", description = "what to call the slot")
  private @Nullable String label;

  Passphrase read(String location) {
    return PassphraseSource.NEW.readNew(file, location);
  }

  String label(String otherwise) {
    return label == null ? otherwise : checkLabel(label);
  }

  /** Labels are for people to read, on one line. */
  static String checkLabel(String label) {
    if (label.length() > KeySlot.MAX_LABEL || label.chars().anyMatch(Character::isISOControl)) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "--label takes one line of at most " + KeySlot.MAX_LABEL + " characters");
    }
    return label;
  }
}
