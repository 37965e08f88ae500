package dev.kedge.repository;

import org.junit.jupiter.api.Tag;

@Tag("s3")
class LeaseOnS3Test extends LeaseTest {
  @Override
  BackupTarget newTarget() {
    return LabS3.newTarget();
  }
}
