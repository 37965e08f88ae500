package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.RepositoryInfo;
import dev.kedge.repository.crypt.KeySlots;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where backups are kept, and how to get at them. */
final class TargetFlag {
  @Option(
      names = "--target",
      required = true,
      paramLabel = "TARGET",
      description = "backup target: a directory (local, NFS, CephFS) or s3://BUCKET/PREFIX")
  String location = "";

  @Mixin private S3Flags s3 = new S3Flags();
  @Mixin private PassphraseFlag passphrase = new PassphraseFlag();

  /** The place as it is, whether what lies there is encrypted or not. */
  BackupTarget place() {
    if (!S3Flags.isBucket(location)) {
      s3.requireNone();
    }
    return place(location, s3);
  }

  /** A place that another option names; the options of S3 are for an {@code s3://} one. */
  static BackupTarget place(String location, S3Flags s3) {
    if (S3Flags.isBucket(location)) {
      return s3.open(location);
    }
    if (location.isEmpty()) {
      // A relative path, to Java; to whoever runs it a variable that is not set.
      throw new KedgeException(
          ErrorCode.USAGE, "The target is empty: name a directory, or s3://BUCKET/PREFIX");
    }
    if (location.matches("[a-z][a-z0-9+.-]+://.*")) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "'" + location + "' is neither a directory nor of the form s3://BUCKET/PREFIX");
    }
    return new DirectoryTarget(Path.of(location));
  }

  /** The same options again, for a command to be run later; each with a space before it. */
  String words() {
    return s3.words() + passphrase.words();
  }

  PassphraseFlag passphrase() {
    return passphrase;
  }

  /** The place to use a repository through: an encrypted one is unlocked. */
  BackupTarget open() {
    return open(place(), passphrase);
  }

  /** The same for a place, and a passphrase, that other options name. */
  static BackupTarget open(BackupTarget place, PassphraseFlag passphrase) {
    BackupTarget opened = KeySlots.unlock(place, () -> passphrase.read(place.location()));
    if (passphrase.isOption() && !opened.isEncrypted() && hasRepository(place)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "The repository in "
              + place.location()
              + " is not encrypted: leave "
              + passphrase.option()
              + " out, if that is the right one");
    }
    return opened;
  }

  /**
   * The same where an empty place may become a repository, which is then a plain one. Whoever gives
   * a passphrase does not want that: perhaps the encrypted one is not mounted.
   */
  BackupTarget openForBackup() {
    return openForWriting(place(), passphrase);
  }

  /** The same for a place, and a passphrase, that other options name. */
  static BackupTarget openForWriting(BackupTarget place, PassphraseFlag passphrase) {
    BackupTarget opened = open(place, passphrase);
    if (passphrase.isGiven() && !opened.isEncrypted() && !hasRepository(opened)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "A passphrase is given, and there is no repository in "
              + opened.location()
              + ": is it mounted? An encrypted one is made by 'kedge init --encrypt'");
    }
    return opened;
  }

  /** Whether there is a repository, as far as can be told. */
  static boolean hasRepository(BackupTarget place) {
    try {
      return place.exists(RepositoryInfo.NAME);
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.TARGET_UNREACHABLE) {
        return false;
      }
      throw e;
    }
  }
}
