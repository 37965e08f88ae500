package dev.kedge.repository;

/** The same crashes, each in the middle of what an encrypted object is written by. */
class EncryptedCrashTest extends CrashTest {
  @Override
  BackupTarget over(BackupTarget lower) {
    return Encrypting.over(lower);
  }
}
