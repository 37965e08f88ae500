package dev.kedge.repository.crypt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The first bytes of an encrypted object: magic, frame size, salt, and the SHA-256 of the object's
 * name; see docs/repository-format.md. Every frame authenticates it. Immutable.
 */
final class ObjectHeader {
  static final int BYTES = 80;

  private static final byte[] MAGIC = "KEDGENC1".getBytes(StandardCharsets.US_ASCII);
  private static final int SALT_AT = 16;
  private static final int SALT_BYTES = 32;
  private static final int NAME_AT = SALT_AT + SALT_BYTES;

  private final byte[] bytes;

  private ObjectHeader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The header of a new object, with a salt that no other has. */
  static ObjectHeader create(String name, int frameBytes, SecureRandom random) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return new ObjectHeader(
        ByteBuffer.allocate(BYTES)
            .put(MAGIC)
            .putInt(frameBytes)
            .putInt(0)
            .put(salt)
            .put(digest(name))
            .array());
  }

  /** The header in the first bytes of an object, whatever they are. */
  static ObjectHeader of(byte[] bytes) {
    return new ObjectHeader(bytes.clone());
  }

  boolean isOne(int frameBytes) {
    return Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
        && ByteBuffer.wrap(bytes).getInt(MAGIC.length) == frameBytes;
  }

  boolean isOf(String name) {
    return Arrays.equals(Arrays.copyOfRange(bytes, NAME_AT, BYTES), digest(name));
  }

  byte[] salt() {
    return Arrays.copyOfRange(bytes, SALT_AT, NAME_AT);
  }

  byte[] toBytes() {
    return bytes.clone();
  }

  private static byte[] digest(String name) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
