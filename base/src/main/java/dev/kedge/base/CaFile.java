package dev.kedge.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A file with the certificates, in PEM, of the authorities that are believed instead of Java's. */
public final class CaFile {
  private CaFile() {}

  /**
   * Trust managers that believe these authorities alone.
   *
   * @throws KedgeException with USAGE where the file cannot be read or holds no certificate
   * @throws GeneralSecurityException where this JVM has no TLS
   */
  public static TrustManager[] trustManagers(Path caFile) throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    try {
      store.load(null, null);
    } catch (IOException e) {
      throw new IllegalStateException("an empty key store is not read from anywhere", e);
    }
    int number = 0;
    for (Certificate certificate : certificates(caFile)) {
      store.setCertificateEntry("ca" + number++, certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static Collection<? extends Certificate> certificates(Path caFile) {
    try (InputStream pem = Files.newInputStream(caFile)) {
      var found = CertificateFactory.getInstance("X.509").generateCertificates(pem);
      if (!found.isEmpty()) {
        return found;
      }
    } catch (IOException e) {
      throw new KedgeException(
          ErrorCode.USAGE, "the CA file " + caFile + " cannot be read: " + e.getMessage(), e);
    } catch (CertificateException e) {
      throw unusable(caFile, e);
    }
    throw unusable(caFile, null);
  }

  private static KedgeException unusable(Path caFile, @Nullable Throwable cause) {
    return new KedgeException(
        ErrorCode.USAGE, "the CA file " + caFile + " holds no PEM certificates", cause);
  }
}
