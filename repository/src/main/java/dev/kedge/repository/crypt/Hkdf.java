package dev.kedge.repository.crypt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/** HKDF-SHA256 (RFC 5869), for keys as long as a SHA-256. Thread-safe. */
final class Hkdf {
  private static final int HASH_BYTES = 32;

  private Hkdf() {}

  /** Derives a key of 32 bytes. */
  static byte[] derive(byte[] secret, byte[] salt, byte[] info) {
    LibCrypto library = LibCrypto.INSTANCE;
    return library == null ? byJdk(secret, salt, info) : byLibrary(library, secret, salt, info);
  }

  /**
   * By the HMAC of the installed libcrypto: the JDK opens every file of the class path when
   * javax.crypto is first used, which takes a command 45 ms.
   */
  static byte[] byLibrary(LibCrypto library, byte[] secret, byte[] salt, byte[] info) {
    byte[] block = Arrays.copyOf(info, info.length + 1);
    block[info.length] = 1;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment input = arena.allocateFrom(JAVA_BYTE, secret);
      MemorySegment extracted = arena.allocate(HASH_BYTES);
      MemorySegment derived = arena.allocate(HASH_BYTES);
      library.hmacSha256(arena.allocateFrom(JAVA_BYTE, salt), input, extracted);
      library.hmacSha256(extracted, arena.allocateFrom(JAVA_BYTE, block), derived);
      byte[] key = derived.toArray(JAVA_BYTE);
      input.fill((byte) 0);
      extracted.fill((byte) 0);
      derived.fill((byte) 0);
      return key;
    }
  }

  static byte[] byJdk(byte[] secret, byte[] salt, byte[] info) {
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.ofExtract()
                  .addIKM(secret)
                  .addSalt(salt)
                  .thenExpand(info, HASH_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("JDK 25 has HKDF-SHA256", e);
    }
  }
}
