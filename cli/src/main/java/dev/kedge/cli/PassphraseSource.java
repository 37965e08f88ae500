package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.crypt.Passphrase;
import java.io.Console;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a passphrase comes from: a file, the environment, or a person at a terminal. Never from the
 * command line, which every user of the machine can read.
 */
enum PassphraseSource {
  /** What opens the repository. */
  CURRENT("passphrase", "--passphrase-file", "KEDGE_PASSPHRASE_FILE", "KEDGE_PASSPHRASE"),
  /** What opens the repository that is copied from. */
  FROM(
      "passphrase",
      "--from-passphrase-file",
      "KEDGE_FROM_PASSPHRASE_FILE",
      "KEDGE_FROM_PASSPHRASE"),
  /** What opens the repository that is copied to. */
  TO("passphrase", "--to-passphrase-file", "KEDGE_TO_PASSPHRASE_FILE", "KEDGE_TO_PASSPHRASE"),
  /** What is to open it from now on. */
  NEW(
      "new passphrase",
      "--new-passphrase-file",
      "KEDGE_NEW_PASSPHRASE_FILE",
      "KEDGE_NEW_PASSPHRASE");

  private final String what;
  private final String option;
  private final String fileVariable;
  private final String variable;

  PassphraseSource(String what, String option, String fileVariable, String variable) {
    this.what = what;
    this.option = option;
    this.fileVariable = fileVariable;
    this.variable = variable;
  }

  String option() {
    return option;
  }

  boolean isInEnvironment() {
    return Variables.find(fileVariable).isPresent() || Variables.find(variable).isPresent();
  }

  /** The passphrase of a repository that there is. */
  Passphrase read(@Nullable String file, String location) {
    return given(file)
        .orElseGet(() -> {
          Console console = console(location);
          return prompt(console, "Passphrase for " + location);
        });
  }

  /** A passphrase that is still to be set: who is asked types it twice. */
  Passphrase readNew(@Nullable String file, String location) {
    return given(file)
        .orElseGet(() -> {
          Console console = console(location);
          Passphrase first = prompt(console, "New passphrase for " + location);
          if (!first.isSame(prompt(console, "The same again"))) {
            throw new KedgeException(
                ErrorCode.AUTHENTICATION_FAILED, "The two passphrases differ; nothing was changed");
          }
          return first;
        });
  }

  private Optional<Passphrase> given(@Nullable String file) {
    if (file != null) {
      return Optional.of(PassphraseFile.read(file));
    }
    return Variables.find(fileVariable)
        .map(PassphraseFile::read)
        .or(() -> Variables.find(variable).map(Passphrase::of))
        // Where both sides have one passphrase, it need not be said twice.
        .or(() -> this == FROM || this == TO ? CURRENT.given(null) : Optional.empty());
  }

  @SuppressWarnings("SystemConsoleNull") // JDK 25 gives null again where there is no terminal.
  private Console console(String location) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      throw new KedgeException(
          ErrorCode.AUTHENTICATION_FAILED,
          "The %s for %s is needed: give %s FILE, set %s or %s, or run it at a terminal to be asked"
              .formatted(what, location, option, fileVariable, variable));
    }
    return console;
  }

  private static Passphrase prompt(Console console, String question) {
    char[] typed = console.readPassword("%s: ", question);
    if (typed == null || typed.length == 0) {
      throw new KedgeException(
          ErrorCode.AUTHENTICATION_FAILED, "No passphrase was typed; nothing was changed");
    }
    return Passphrase.of(new String(typed));
  }
}
