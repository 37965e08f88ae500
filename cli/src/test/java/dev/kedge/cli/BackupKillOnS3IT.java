package dev.kedge.cli;

import dev.kedge.cli.testing.BucketFolder;
import dev.kedge.cli.testing.TargetFolder;
import org.junit.jupiter.api.Tag;

@Tag("s3")
final class BackupKillOnS3IT extends BackupKillIT {
  @Override
  protected TargetFolder newTarget() {
    return new BucketFolder(newPath("bucket"));
  }

  // A command on a bucket takes seconds to start.
  @Override
  protected int mostMoments() {
    return THOROUGHNESS;
  }
}
