package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.cloud.CloudConfig;
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
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Which certificates are believed. */
public final class TlsTrust {
  private TlsTrust() {}

  static SSLContext context(CloudConfig config) {
    return context(config.caFile(), config.verify());
  }

  /**
   * The context for connections.
   *
   * @param caFile see {@link CloudConfig}
   * @param verify see {@link CloudConfig}
   */
  public static SSLContext context(@Nullable Path caFile, boolean verify) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trustManagers(caFile, verify), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new KedgeException(ErrorCode.FAILED, "TLS is not available in this JVM", e);
    }
  }

  private static TrustManager @Nullable [] trustManagers(@Nullable Path caFile, boolean verify)
      throws GeneralSecurityException {
    if (!verify) {
      return new TrustManager[] {new TrustEverybody()};
    }
    return caFile == null ? null : trustOnly(caFile);
  }

  private static TrustManager[] trustOnly(Path caFile) throws GeneralSecurityException {
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
