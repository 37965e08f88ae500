package dev.kedge.cli;

import dev.kedge.repository.crypt.Passphrase;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the passphrase of an encrypted repository is. */
final class PassphraseFlag {
  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description = {
        "passphrase of an encrypted repository; - is standard input",
        "(default: $KEDGE_PASSPHRASE_FILE, else $KEDGE_PASSPHRASE, else a prompt)"
      })
  private @Nullable String file;

  private @Nullable Passphrase known;

  /** Whether it was given as an option. */
  boolean isOption() {
    return file != null;
  }

  /** Whether it was given, as an option or in the environment. */
  boolean isGiven() {
    return isOption() || PassphraseSource.CURRENT.isInEnvironment();
  }

  /** The passphrase, asked for where need be; the same whenever it is asked for. */
  Passphrase read(String location) {
    if (known == null) {
      known = PassphraseSource.CURRENT.read(file, location);
    }
    return known;
  }

  /** The passphrase that a new repository is to have. */
  Passphrase readNew(String location) {
    if (known == null) {
      known = PassphraseSource.CURRENT.readNew(file, location);
    }
    return known;
  }

  /** The same option again, for a command to be run later; with a space before it. */
  String words() {
    return file == null ? "" : " --passphrase-file " + file;
  }
}
