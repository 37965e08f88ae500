package dev.kedge.openstack.luks;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * PBKDF2 (RFC 8018, section 5.2). The JDK's takes passwords in characters, and LUKS gives it keys
 * of any bytes.
 */
final class Pbkdf2 {
  private Pbkdf2() {}

  static byte[] derive(String hash, byte[] secret, byte[] salt, int iterations, int lengthBytes)
      throws GeneralSecurityException {
    Optional<byte[]> derived = OpenSslPbkdf2.derive(hash, secret, salt, iterations, lengthBytes);
    return derived.isPresent()
        ? derived.get()
        : deriveInJava(hash, secret, salt, iterations, lengthBytes);
  }

  static byte[] deriveInJava(
      String hash, byte[] secret, byte[] salt, int iterations, int lengthBytes)
      throws GeneralSecurityException {
    Mac mac = Mac.getInstance("Hmac" + hash.replace("-", ""));
    mac.init(new SecretKeySpec(secret, mac.getAlgorithm()));
    ByteBuffer derived = ByteBuffer.allocate(lengthBytes);
    for (int number = 1; derived.hasRemaining(); number++) {
      byte[] block = block(mac, salt, iterations, number);
      derived.put(block, 0, Math.min(block.length, derived.remaining()));
    }
    return derived.array();
  }

  private static byte[] block(Mac mac, byte[] salt, int iterations, int number)
      throws GeneralSecurityException {
    mac.update(salt);
    byte[] u = mac.doFinal(ByteBuffer.allocate(Integer.BYTES).putInt(0, number).array());
    byte[] block = Arrays.copyOf(u, u.length);
    for (int i = 1; i < iterations; i++) {
      mac.update(u);
      mac.doFinal(u, 0);
      for (int j = 0; j < block.length; j++) {
        block[j] ^= u[j];
      }
    }
    return block;
  }
}
