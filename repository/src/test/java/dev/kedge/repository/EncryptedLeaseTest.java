package dev.kedge.repository;

/** The same leases, encrypted. */
class EncryptedLeaseTest extends LeaseTest {
  @Override
  BackupTarget over(BackupTarget lower) {
    return Encrypting.over(lower);
  }
}
