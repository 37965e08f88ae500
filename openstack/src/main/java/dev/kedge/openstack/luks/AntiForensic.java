package dev.kedge.openstack.luks;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Spreads a key over many stripes, all of which are needed to have it back, so that overwriting any
 * of them destroys it (LUKS On-Disk Format Specification 1.2.3, section 2.4). One thread.
 */
final class AntiForensic {
  private final MessageDigest digest;
  private final int stripes;

  AntiForensic(MessageDigest digest, int stripes) {
    this.digest = digest;
    this.stripes = stripes;
  }

  byte[] split(byte[] key, RandomGenerator random) {
    byte[] spread = new byte[key.length * stripes];
    random.nextBytes(spread);
    byte[] last = xor(mixed(spread, key.length), key, 0);
    System.arraycopy(last, 0, spread, spread.length - key.length, key.length);
    return spread;
  }

  byte[] merge(byte[] spread, int keyBytes) {
    return xor(mixed(spread, keyBytes), spread, spread.length - keyBytes);
  }

  /** Of all stripes but the last. */
  private byte[] mixed(byte[] spread, int keyBytes) {
    byte[] mixed = new byte[keyBytes];
    for (int stripe = 0; stripe < stripes - 1; stripe++) {
      mixed = diffuse(xor(mixed, spread, stripe * keyBytes));
    }
    return mixed;
  }

  private byte[] diffuse(byte[] block) {
    ByteBuffer diffused = ByteBuffer.allocate(block.length);
    for (int number = 0; diffused.hasRemaining(); number++) {
      int at = diffused.position();
      int length = Math.min(digest.getDigestLength(), diffused.remaining());
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, number));
      digest.update(block, at, length);
      diffused.put(digest.digest(), 0, length);
    }
    return diffused.array();
  }

  private static byte[] xor(byte[] a, byte[] other, int from) {
    byte[] result = Arrays.copyOf(a, a.length);
    for (int i = 0; i < a.length; i++) {
      result[i] ^= other[from + i];
    }
    return result;
  }
}
