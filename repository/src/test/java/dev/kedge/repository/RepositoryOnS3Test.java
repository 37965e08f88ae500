package dev.kedge.repository;

import org.junit.jupiter.api.Tag;

@Tag("s3")
class RepositoryOnS3Test extends RepositoryTest {
  @Override
  BackupTarget newTarget() {
    return LabS3.newTarget();
  }

  @Override
  int rounds() {
    return 2;
  }
}
