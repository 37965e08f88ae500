package dev.kedge.repository;

import org.junit.jupiter.api.Tag;

@Tag("s3")
class CrashOnS3Test extends CrashTest {
  @Override
  BackupTarget newTarget() {
    return LabS3.newTarget();
  }
}
