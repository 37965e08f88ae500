package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.DirectoryTarget;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where backups are kept. */
final class TargetFlag {
  @Option(
      names = "--target",
      required = true,
      paramLabel = "DIR",
      description = "backup target: a directory (local, NFS, CephFS)")
  String location = "";

  BackupTarget open() {
    if (location.matches("[a-z][a-z0-9+.-]+://.*")) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "'" + location + "' is no directory; this version keeps backups in directories only");
    }
    return new DirectoryTarget(Path.of(location));
  }
}
