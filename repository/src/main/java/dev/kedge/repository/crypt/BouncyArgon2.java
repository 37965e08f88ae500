package dev.kedge.repository.crypt;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** Argon2id in Java, where libargon2 is not installed. Its memory comes from the heap. */
final class BouncyArgon2 {
  private BouncyArgon2() {}

  static byte[] key(Argon2 parameters, byte[] passphrase, byte[] salt) {
    try {
      Argon2BytesGenerator generator = new Argon2BytesGenerator();
      generator.init(
          new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
              .withVersion(Argon2Parameters.ARGON2_VERSION_13)
              .withMemoryAsKB(parameters.memoryKib())
              .withIterations(parameters.passes())
              .withParallelism(parameters.lanes())
              .withSalt(salt)
              .build());
      byte[] key = new byte[RepositoryKey.BYTES];
      generator.generateBytes(passphrase, key);
      return key;
    } catch (OutOfMemoryError e) {
      throw new KedgeException(
          ErrorCode.LIBRARY_MISSING,
          "Opening a key slot takes %d MiB: install libargon2 (Debian: libargon2-1), or give Java more with KEDGE_JAVA_OPTS=-Xmx%dm"
              .formatted(parameters.memoryKib() / 1024, 64 + parameters.memoryKib() / 512),
          e);
    }
  }
}
