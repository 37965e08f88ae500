package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.cloud.CloudConfig;
import dev.kedge.openstack.cloud.Secret;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;

/** Gets tokens from Keystone v3. Thread-safe. */
final class Authenticator {
  private final CloudConfig config;
  private final HttpTransport transport;
  private final VersionDiscovery discovery;

  Authenticator(CloudConfig config, HttpTransport transport) {
    this.config = config;
    this.transport = transport;
    this.discovery = new VersionDiscovery(transport::send, config.requestTimeout());
  }

  /**
   * A new token.
   *
   * @throws OpenStackException AUTHENTICATION_FAILED where Keystone does not believe the
   *     credentials
   */
  Token authenticate() {
    URI url =
        Uris.append(discovery.versioned(ServiceType.IDENTITY, config.authUrl()), "/auth/tokens");
    ApiRequest request =
        ApiRequest.withoutBody(ServiceType.IDENTITY.project(), "POST", url, config.requestTimeout())
            .withJson(ApiJson.bytes(AuthRequest.of(config.method(), config.scope())))
            // A second token harms nobody.
            .withRepeatable(true);
    ApiResponse response = transport.send(request);
    if (!response.isSuccess()) {
      throw HttpError.of(request, response);
    }
    return token(request, response);
  }

  private Token token(ApiRequest request, ApiResponse response) {
    String value = response.header("X-Subject-Token");
    if (value.isEmpty()) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "Keystone's answer to %s (request %s) has no token: is this the URL of Keystone v3?"
              .formatted(request, response.requestId()));
    }
    ApiObject token = ServiceAnswer.object(request, response).object("token");
    ApiObject project = token.objectOrNull("project");
    return new Token(
        new Secret(value),
        instant(token, "issued_at"),
        instant(token, "expires_at"),
        token.object("user").text("id"),
        project == null ? null : project.text("id"),
        project == null ? null : project.text("name"),
        token.objectsOrEmpty("roles").stream().map(role -> role.text("name")).toList(),
        Catalog.of(token.objectsOrEmpty("catalog")));
  }

  private static Instant instant(ApiObject token, String field) {
    try {
      return Instant.parse(token.text(field));
    } catch (DateTimeException e) {
      throw token.wrong(field, "a time");
    }
  }
}
