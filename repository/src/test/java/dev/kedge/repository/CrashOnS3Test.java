package dev.kedge.repository;

import org.junit.jupiter.api.Tag;

@Tag("s3")
class CrashOnS3Test extends CrashTest {
  @Override
  BackupTarget newTarget() {
    return LabS3.newTarget();
  }

  /** A request to the lab's store takes 20 ms, and a moment several hundred of them. */
  @Override
  int stride() {
    return 9;
  }
}
