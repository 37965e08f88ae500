package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.Repository;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The two backup targets of a copy, each with a passphrase of its own. */
final class CopyTargets {
  @Option(
      names = "--from",
      required = true,
      paramLabel = "TARGET",
      description = "backup target to copy from; it is only read")
  private String from = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "TARGET",
      description = "backup target to copy to; an empty place becomes a plain repository")
  private String to = "";

  @Option(
      names = "--from-passphrase-file",
      paramLabel = "FILE",
      description = {
        "passphrase of an encrypted source; - is standard input",
        "(default: $KEDGE_FROM_PASSPHRASE_FILE, $KEDGE_FROM_PASSPHRASE, then as elsewhere",
        "$KEDGE_PASSPHRASE_FILE, $KEDGE_PASSPHRASE, a prompt)"
      })
  private @Nullable String fromPassphraseFile;

  @Option(
      names = "--to-passphrase-file",
      paramLabel = "FILE",
      description = {
        "the same for an encrypted destination",
        "(default: $KEDGE_TO_PASSPHRASE_FILE, $KEDGE_TO_PASSPHRASE, then as above)"
      })
  private @Nullable String toPassphraseFile;

  @Mixin private S3Flags s3 = new S3Flags();

  /** The repository to copy from. */
  Repository source() {
    if ("-".equals(fromPassphraseFile) && "-".equals(toPassphraseFile)) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "standard input holds one passphrase: give a file to --from-passphrase-file or --to-passphrase-file");
    }
    return Repository.open(
        TargetFlag.open(
            place(from), new PassphraseFlag(PassphraseSource.FROM, fromPassphraseFile)));
  }

  /** The repository to copy to; made where the place is empty. */
  Repository destination(Repository source) {
    BackupTarget place = place(to);
    if (source.isEncrypted() && !TargetFlag.hasRepository(place)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "The source is encrypted, and there is no repository in %s yet: choose what it is to be, by 'kedge init --target %s --encrypt', or without --encrypt"
              .formatted(place.location(), to));
    }
    return Repository.openOrCreate(
        TargetFlag.openForWriting(
            place, new PassphraseFlag(PassphraseSource.TO, toPassphraseFile)));
  }

  private BackupTarget place(String location) {
    if (!S3Flags.isBucket(from) && !S3Flags.isBucket(to)) {
      s3.requireNone();
    }
    return TargetFlag.place(location, s3);
  }
}
