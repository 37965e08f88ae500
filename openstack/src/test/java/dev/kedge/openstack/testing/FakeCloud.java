package dev.kedge.openstack.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.kedge.openstack.cloud.AuthMethod;
import dev.kedge.openstack.cloud.AuthScope;
import dev.kedge.openstack.cloud.CloudConfig;
import dev.kedge.openstack.cloud.DomainMember;
import dev.kedge.openstack.cloud.EndpointInterface;
import dev.kedge.openstack.cloud.Reference;
import dev.kedge.openstack.cloud.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server that speaks as much Keystone as a login needs, and otherwise answers what a test
 * tells it: for faults and oddities that no real cloud shows on demand. Thread-safe.
 */
public final class FakeCloud implements AutoCloseable {
  /** The password that it is used with. */
  public static final String PASSWORD = "correct horse battery staple";

  private static final String NOVA_VERSION =
      """
      {"version": {"id": "v2.1", "version": "2.93", "min_version": "2.1"}}\
      """;
  private static final String CINDER_VERSION =
      """
      {"versions": [{"id": "v3.0", "version": "3.70", "min_version": "3.0"}]}\
      """;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Deque<Reply>> script = new ConcurrentHashMap<>();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final AtomicInteger tokens = new AtomicInteger();
  private final String scheme;
  private volatile Duration tokenLife = Duration.ofHours(1);
  private volatile String catalog;

  private FakeCloud(HttpServer server, String scheme) {
    this.server = server;
    this.scheme = scheme;
    this.catalog =
        endpoint("compute", "/compute/v2.1")
            + ","
            + endpoint("volumev3", "/volume/v3/p1")
            + ","
            + endpoint("image", "/image/v2")
            + ","
            + endpoint("network", "/network/v2.0")
            + ","
            + endpoint("identity", "/v3");
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    answer("GET /compute/v2.1/", Reply.ok(NOVA_VERSION));
    answer("GET /volume/v3/", Reply.ok(CINDER_VERSION));
  }

  /** A cloud on a free port of loopback. */
  public static FakeCloud start() {
    try {
      return new FakeCloud(HttpServer.create(loopback(), 0), "http");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same behind TLS. */
  public static FakeCloud startWithTls(SSLContext context) {
    try {
      HttpsServer server = HttpsServer.create(loopback(), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(context));
      return new FakeCloud(server, "https");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  /** One service of a catalogue, public in region {@code One}. */
  public String endpoint(String type, String path) {
    return endpoint(type, path, "One", "public");
  }

  /** One service of a catalogue. */
  public String endpoint(String type, String path, String region, String endpointInterface) {
    return """
    {"type": "%s", "endpoints": [{"region_id": "%s", "interface": "%s", "url": "%s"}]}\
    """
        .formatted(type, region, endpointInterface, url(path));
  }

  /** Replaces the catalogue by services as {@link #endpoint} makes them. */
  public void setCatalog(String... services) {
    catalog = String.join(",", services);
  }

  /** How long each token lives from now on. */
  public void setTokenLife(Duration life) {
    tokenLife = life;
  }

  /** A URL of this server. */
  public URI url(String path) {
    // Not the address: a certificate is for the name.
    return URI.create(scheme + "://localhost:" + server.getAddress().getPort() + path);
  }

  /** Answers {@code GET /path} with these, one after the other, then always with the last. */
  public void answer(String methodAndPath, Reply... replies) {
    script.put(methodAndPath, new ArrayDeque<>(List.of(replies)));
  }

  /** What came to a method and path, {@code GET /path}. */
  public List<Received> received(String methodAndPath) {
    return received.stream()
        .filter(request -> (request.method() + " " + request.path()).equals(methodAndPath))
        .toList();
  }

  /** How often somebody logged in. */
  public int logins() {
    return received("POST /v3/auth/tokens").size();
  }

  /** A user's configuration for this cloud. */
  public CloudConfig config() {
    return config(
        new AuthMethod.Password(
            new DomainMember(Reference.name("demo"), Reference.id("default")),
            new Secret(PASSWORD)),
        new AuthScope.Project(new DomainMember(Reference.name("demo"), Reference.name("Default"))));
  }

  /** A configuration for this cloud. */
  public CloudConfig config(AuthMethod method, AuthScope scope) {
    return config(method, scope, null, true);
  }

  /** A configuration for this cloud, with these certificates. */
  public CloudConfig config(
      AuthMethod method, AuthScope scope, @Nullable Path caFile, boolean verify) {
    return new CloudConfig(
        "fake",
        url("/v3"),
        method,
        scope,
        null,
        EndpointInterface.PUBLIC,
        caFile,
        verify,
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Map.of());
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      Received request =
          new Received(
              exchange.getRequestMethod(),
              exchange.getRequestURI().getRawPath(),
              exchange.getRequestURI().getRawQuery(),
              exchange.getRequestHeaders(),
              new String(body, StandardCharsets.UTF_8));
      received.add(request);
      send(exchange, reply(request));
    }
  }

  private Reply reply(Received request) {
    boolean keystone = request.path().startsWith("/v3") || request.path().startsWith("/identity");
    return keystone || !request.header("X-Auth-Token").isEmpty()
        ? reply(request.method() + " " + request.path())
        : Reply.json(401, "{\"error\": {\"message\": \"no token\"}}");
  }

  private Reply reply(String methodAndPath) {
    Deque<Reply> replies = script.get(methodAndPath);
    if (replies == null) {
      return methodAndPath.equals("POST /v3/auth/tokens")
          ? login()
          : Reply.json(404, "{\"itemNotFound\": {\"message\": \"nothing here\", \"code\": 404}}");
    }
    synchronized (replies) {
      return replies.size() > 1 ? replies.remove() : replies.element();
    }
  }

  private Reply login() {
    String times =
        "\"issued_at\": \"2026-01-01T00:00:00.000000Z\", \"expires_at\": \"%s\""
            .formatted(Instant.parse("2026-01-01T00:00:00Z").plus(tokenLife));
    return Reply.json(
            201,
            """
            {"token": {%s, "user": {"id": "u1", "name": "demo"},
              "project": {"id": "p1", "name": "demo"}, "roles": [{"name": "member"}],
              "catalog": [%s]}}\
            """
                .formatted(times, catalog))
        .with("X-Subject-Token", "token-" + tokens.incrementAndGet());
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    if (reply.status() == 0) {
      return;
    }
    reply.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
