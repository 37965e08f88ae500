package dev.kedge.repository.crypt;

import java.security.SecureRandom;

/** The key from which those of all objects of a repository are derived: 256 random bits. */
public final class RepositoryKey {
  static final int BYTES = 32;

  private final byte[] bytes;

  private RepositoryKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new key. */
  public static RepositoryKey create() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return new RepositoryKey(bytes);
  }

  static RepositoryKey of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("A key has " + BYTES + " bytes");
    }
    return new RepositoryKey(bytes.clone());
  }

  byte[] bytes() {
    return bytes.clone();
  }

  /** Says nothing of the key. */
  @Override
  public String toString() {
    return "RepositoryKey";
  }
}
