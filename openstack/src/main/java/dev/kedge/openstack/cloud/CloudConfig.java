package dev.kedge.openstack.cloud;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cloud, and as whom to use it. Holds secrets, which it does not print.
 *
 * @param name for messages: the name in clouds.yaml, or {@code environment}
 * @param authUrl Keystone, with or without its version
 * @param region null: the catalogue must have only one
 * @param caFile PEM certificates to trust instead of the system's; null: the system's
 * @param verify false: any certificate is taken; {@link #warnings()} says so
 * @param connectTimeout for a connection to be made
 * @param requestTimeout for one request to be answered in whole
 * @param endpointOverrides URLs to use instead of the catalogue's, by service type with underscores
 * @param endpointInterface which of the catalogue's endpoints
 */
public record CloudConfig(
    String name,
    URI authUrl,
    AuthMethod method,
    AuthScope scope,
    @Nullable String region,
    EndpointInterface endpointInterface,
    @Nullable Path caFile,
    boolean verify,
    Duration connectTimeout,
    Duration requestTimeout,
    Map<String, URI> endpointOverrides) {

  /** Copies the overrides. */
  public CloudConfig {
    endpointOverrides = Map.copyOf(endpointOverrides);
  }

  /** The same cloud, with a token for another project. */
  public CloudConfig withScope(AuthScope other) {
    return new CloudConfig(
        name,
        authUrl,
        method,
        other,
        region,
        endpointInterface,
        caFile,
        verify,
        connectTimeout,
        requestTimeout,
        endpointOverrides);
  }

  /** What the user should know before secrets go to this cloud; one line each. */
  public List<String> warnings() {
    if (!verify) {
      return List.of(
          "cloud "
              + name
              + ": certificates are not verified, so anybody on the way can read the password;"
              + " set cacert instead of verify: false");
    }
    return authUrl.getScheme().equals("http") && !isLoopback(authUrl.getHost())
        ? List.of(
            "cloud "
                + name
                + ": "
                + authUrl
                + " is not encrypted, the password can be read on the way")
        : List.of();
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }
}
