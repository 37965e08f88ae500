package dev.kedge.repository;

import org.junit.jupiter.api.Tag;

@Tag("s3")
class TwoProcessesOnS3Test extends TwoProcessesTest {
  private final String location = LabS3.newLocation();

  @Override
  BackupTarget target() {
    return LabS3.target(location);
  }
}
