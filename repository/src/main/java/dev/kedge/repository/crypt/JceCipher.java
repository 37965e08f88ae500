package dev.kedge.repository.crypt;

import java.lang.foreign.MemorySegment;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The JDK's AES-256-GCM. Only the optimising compiler makes it fast, which {@code bin/kedge} leaves
 * out: {@link OpenSslCipher} comes first. Not thread-safe.
 */
final class JceCipher implements FrameCipher {
  private static final int TAG_BITS = 8 * FrameLayout.TAG_BYTES;

  private final Cipher cipher;
  private SecretKeySpec key = new SecretKeySpec(new byte[RepositoryKey.BYTES], "AES");
  private byte[] header = {};
  private int mode;

  JceCipher() {
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has AES-GCM", e);
    }
  }

  @Override
  public void use(FrameKey frameKey, boolean encrypt) {
    key = new SecretKeySpec(frameKey.key(), "AES");
    header = frameKey.header();
    mode = encrypt ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE;
  }

  @Override
  public void seal(long frame, boolean last, MemorySegment content, MemorySegment sealed) {
    try {
      run(frame, last, content, sealed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM does not encrypt", e);
    }
  }

  @Override
  public boolean unseal(long frame, boolean last, MemorySegment sealed, MemorySegment content) {
    try {
      run(frame, last, sealed, content);
      return true;
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM does not decrypt", e);
    }
  }

  private void run(long frame, boolean last, MemorySegment from, MemorySegment to)
      throws GeneralSecurityException {
    AlgorithmParameterSpec nonce = new GCMParameterSpec(TAG_BITS, FrameCipher.nonce(frame, last));
    cipher.init(mode, key, nonce);
    cipher.updateAAD(header);
    cipher.doFinal(from.asByteBuffer(), to.asByteBuffer());
  }
}
