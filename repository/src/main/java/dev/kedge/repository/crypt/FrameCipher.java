package dev.kedge.repository.crypt;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * AES-256-GCM over frames that lie off the heap. The nonce of a frame is 4 bytes, 1 for the last
 * frame of an object and else 0, and its number in 8, both big-endian. Not thread-safe.
 */
interface FrameCipher {
  /** The length of a nonce. */
  int NONCE_BYTES = 12;

  /** Takes up the key of an object, to encrypt or to decrypt. To be called before anything else. */
  void use(FrameKey key, boolean encrypt);

  /** Encrypts a frame to content and tag. */
  void seal(long frame, boolean last, MemorySegment content, MemorySegment sealed);

  /**
   * Decrypts a frame.
   *
   * @return false where it is not as it was written; the content is then anything
   */
  boolean unseal(long frame, boolean last, MemorySegment sealed, MemorySegment content);

  /** The nonce of a frame. */
  static byte[] nonce(long frame, boolean last) {
    return ByteBuffer.allocate(NONCE_BYTES).putInt(last ? 1 : 0).putLong(frame).array();
  }

  /** The fastest that this machine has. */
  static FrameCipher create() {
    FrameCipher openSsl = OpenSslCipher.create();
    return openSsl == null ? new JceCipher() : openSsl;
  }
}
