package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.DirectoryTarget;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where backups are kept. */
final class TargetFlag {
  @Option(
      names = "--target",
      required = true,
      paramLabel = "TARGET",
      description = "backup target: a directory (local, NFS, CephFS) or s3://BUCKET/PREFIX")
  String location = "";

  @Mixin private S3Flags s3 = new S3Flags();

  BackupTarget open() {
    if (location.startsWith("s3://")) {
      return s3.open(location);
    }
    if (location.matches("[a-z][a-z0-9+.-]+://.*")) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "'" + location + "' is neither a directory nor of the form s3://BUCKET/PREFIX");
    }
    s3.requireNone();
    return new DirectoryTarget(Path.of(location));
  }
}
