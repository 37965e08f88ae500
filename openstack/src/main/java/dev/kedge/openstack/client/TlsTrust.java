package dev.kedge.openstack.client;

import dev.kedge.base.CaFile;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.cloud.CloudConfig;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
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
    return caFile == null ? null : CaFile.trustManagers(caFile);
  }
}
