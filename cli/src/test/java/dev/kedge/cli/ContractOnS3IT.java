package dev.kedge.cli;

import dev.kedge.cli.testing.BucketFolder;
import dev.kedge.cli.testing.TargetFolder;
import org.junit.jupiter.api.Tag;

@Tag("s3")
final class ContractOnS3IT extends ContractIT {
  @Override
  protected TargetFolder newTarget() {
    return new BucketFolder(newPath("bucket"));
  }
}
