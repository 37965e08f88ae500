package dev.kedge.openstack.client;

import dev.kedge.openstack.cloud.AuthScope;
import dev.kedge.openstack.cloud.CloudConfig;
import java.net.URI;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A cloud that somebody is logged in to. It logs in when it is first needed, renews its token
 * before that expires, and logs in once more when a service refuses it. Thread-safe.
 */
public final class CloudSession implements AutoCloseable {
  private final CloudConfig config;
  private final HttpTransport transport;
  private final VersionDiscovery discovery;
  private final EndpointFinder endpoints;
  private final TokenHolder tokens;
  private final Map<ServiceType, ServiceClient> services = new EnumMap<>(ServiceType.class);

  /** A session with the cloud; nothing is sent yet. */
  public CloudSession(CloudConfig config) {
    this(config, Pause.real(), RandomGenerator.getDefault(), Clock.systemUTC());
  }

  CloudSession(CloudConfig config, Pause pause, RandomGenerator random, Clock clock) {
    this.config = config;
    this.transport = new HttpTransport(config, new RetryPolicy(random, clock), pause);
    this.discovery = new VersionDiscovery(this::send, config.requestTimeout());
    this.endpoints = new EndpointFinder(config);
    Authenticator authenticator = new Authenticator(config, transport);
    this.tokens = new TokenHolder(authenticator::authenticate, config.method(), clock);
    for (ServiceType service : ServiceType.values()) {
      services.put(service, new ServiceClient(this, service));
    }
  }

  /** The cloud, and as whom. */
  public CloudConfig config() {
    return config;
  }

  /** A session of the same user with another scope; close it, too. */
  public CloudSession scopedTo(AuthScope scope) {
    return new CloudSession(config.withScope(scope));
  }

  /** The token in use; logs in where that has not happened. */
  public Token token() {
    return tokens.current();
  }

  /** The client of a service; always the same. */
  public ServiceClient service(ServiceType service) {
    ServiceClient client = services.get(service);
    if (client == null) {
      throw new IllegalArgumentException("no client of " + service);
    }
    return client;
  }

  VersionDiscovery discovery() {
    return discovery;
  }

  URI endpoint(ServiceType service) {
    return endpoints.find(service, token());
  }

  /** Sends with a token; with another one if that is refused and there is one. */
  ApiResponse send(ApiRequest request) {
    return withToken(request, transport::send, ApiResponse::status);
  }

  /** The same, for an answer that is read as a stream. */
  StreamedResponse stream(ApiRequest request) {
    return withToken(request, transport::stream, StreamedResponse::status);
  }

  private <T> T withToken(
      ApiRequest request, Function<ApiRequest, T> send, Function<T, Integer> status) {
    Token token = tokens.current();
    T answer = send.apply(authenticated(request, token));
    if (status.apply(answer) != 401 || !tokens.renewable()) {
      return answer;
    }
    return send.apply(authenticated(request, tokens.insteadOf(token)));
  }

  private static ApiRequest authenticated(ApiRequest request, Token token) {
    return request.withHeader("X-Auth-Token", token.value().reveal());
  }

  /** Breaks off what is under way. The token stays valid until it expires. */
  @Override
  public void close() {
    transport.close();
  }
}
