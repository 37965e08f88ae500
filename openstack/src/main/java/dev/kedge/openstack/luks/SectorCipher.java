package dev.kedge.openstack.luks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES in XTS mode (IEEE 1619) on sectors of 512 bytes whose tweak is their number ("plain64"), from
 * 0. The JDK has no XTS. One thread.
 */
final class SectorCipher {
  private static final int SECTOR_BYTES = 512;
  private static final int BLOCK_BYTES = 16;
  private static final int REDUCTION = 0x87;

  private final Cipher data;
  private final Cipher tweak;

  /** A cipher with the two halves of the key, which has 32 or 64 bytes. */
  SectorCipher(byte[] key, boolean encrypt) throws GeneralSecurityException {
    int half = key.length / 2;
    this.data = aes(Arrays.copyOf(key, half), encrypt ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE);
    this.tweak = aes(Arrays.copyOfRange(key, half, key.length), Cipher.ENCRYPT_MODE);
  }

  // XTS is made of single blocks: each is hidden by its own tweak.
  @SuppressWarnings("InsecureCryptoUsage")
  private static Cipher aes(byte[] key, int mode) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"));
    return cipher;
  }

  /** Whole sectors, which stay as they are. */
  byte[] apply(byte[] sectors) throws GeneralSecurityException {
    byte[] tweaks = new byte[sectors.length];
    for (int start = 0; start < sectors.length; start += SECTOR_BYTES) {
      putTweaks(tweaks, start);
    }
    return xor(data.doFinal(xor(sectors, tweaks)), tweaks);
  }

  private void putTweaks(byte[] tweaks, int start) throws GeneralSecurityException {
    byte[] sector =
        ByteBuffer.allocate(BLOCK_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(start / SECTOR_BYTES)
            .array();
    byte[] value = tweak.doFinal(sector);
    for (int at = start; at < start + SECTOR_BYTES; at += BLOCK_BYTES) {
      System.arraycopy(value, 0, tweaks, at, BLOCK_BYTES);
      doubleInPlace(value);
    }
  }

  /** Times x in GF(2^128), the lowest byte first. */
  private static void doubleInPlace(byte[] value) {
    int carry = 0;
    for (int i = 0; i < BLOCK_BYTES; i++) {
      int doubled = ((value[i] & 0xff) << 1) | carry;
      value[i] = (byte) doubled;
      carry = doubled >> 8;
    }
    if (carry != 0) {
      value[0] ^= (byte) REDUCTION;
    }
  }

  private static byte[] xor(byte[] a, byte[] b) {
    byte[] result = new byte[a.length];
    for (int i = 0; i < a.length; i++) {
      result[i] = (byte) (a[i] ^ b[i]);
    }
    return result;
  }
}
