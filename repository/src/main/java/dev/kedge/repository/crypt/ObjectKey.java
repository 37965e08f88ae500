package dev.kedge.repository.crypt;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * The key of one object, and what each of its frames authenticates beside its content. Immutable.
 */
final class ObjectKey {
  private static final byte[] INFO = "kedge object 1".getBytes(StandardCharsets.US_ASCII);

  private final byte[] key;
  private final byte[] header;

  private ObjectKey(byte[] key, byte[] header) {
    this.key = key;
    this.header = header;
  }

  /** The key of the object with this header: HKDF-SHA256 (RFC 5869) with the header's salt. */
  static ObjectKey derive(RepositoryKey repositoryKey, ObjectHeader header) {
    try {
      byte[] key =
          KDF.getInstance("HKDF-SHA256")
              .deriveData(
                  HKDFParameterSpec.ofExtract()
                      .addIKM(repositoryKey.bytes())
                      .addSalt(header.salt())
                      .thenExpand(INFO, RepositoryKey.BYTES));
      return new ObjectKey(key, header.toBytes());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("JDK 25 has HKDF-SHA256", e);
    }
  }

  byte[] key() {
    return key.clone();
  }

  byte[] header() {
    return header.clone();
  }

  /** Says nothing of the key. */
  @Override
  public String toString() {
    return "ObjectKey";
  }
}
