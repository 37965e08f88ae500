package dev.kedge.cli.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.Catalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Stands between a {@code kedge} and the APIs of a real cloud, and tells a test of each request
 * that changed something, after the service has done it and before {@code kedge} has the answer:
 * the moment at which nobody but the service knows. Thread-safe.
 */
public final class ApiTap implements AutoCloseable {
  private static final Set<String> SERVICES = Set.of("compute", "volumev3", "image", "network");
  private static final Set<String> NOT_PASSED_ON =
      Set.of("host", "connection", "content-length", "transfer-encoding", "upgrade");
  private static final Set<String> NOT_PASSED_BACK =
      Set.of("content-length", "transfer-encoding", "connection", ":status");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<String, URI> endpoints = new LinkedHashMap<>();
  private volatile Consumer<String> onChange = change -> {};

  private ApiTap(HttpServer server, Catalog catalog) {
    this.server = server;
    for (Catalog.Entry entry : catalog.entries()) {
      if (SERVICES.contains(entry.serviceType()) && entry.endpointInterface().equals("public")) {
        endpoints.put(entry.serviceType(), URI.create(entry.url()));
      }
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** In front of a cloud's services. */
  public static ApiTap of(OpenStack cloud) {
    try {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      return new ApiTap(HttpServer.create(address, 0), cloud.token().catalog());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A secure.yaml by which a cloud of clouds.yaml is reached through this. */
  public Path secureYaml(Path file, String cloud) throws IOException {
    StringBuilder text = new StringBuilder("clouds:\n  " + cloud + ":\n");
    endpoints.forEach((type, url) ->
        text.append("    %s_endpoint_override: %s\n".formatted(type, tapped(type, url))));
    return Files.writeString(file, text);
  }

  private String tapped(String type, URI url) {
    return "http://127.0.0.1:%d/%s%s".formatted(server.getAddress().getPort(), type, url.getPath());
  }

  /** Calls this with {@code POST network/v2.0/ports} from now on; several threads may. */
  public void onChange(Consumer<String> listener) {
    onChange = listener;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath();
      HttpResponse<byte[]> answer = forward(exchange, path);
      boolean changes = !Set.of("GET", "HEAD", "DELETE").contains(exchange.getRequestMethod());
      if (changes && answer.statusCode() < 300) {
        onChange.accept(exchange.getRequestMethod() + " " + path.substring(1));
      }
      answer
          .headers()
          .map()
          .forEach((name, values) -> {
            if (!NOT_PASSED_BACK.contains(name)) {
              exchange.getResponseHeaders().put(name, List.copyOf(values));
            }
          });
      byte[] body = answer.body();
      exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private HttpResponse<byte[]> forward(HttpExchange exchange, String path) throws IOException {
    int slash = path.indexOf('/', 1);
    URI real = Objects.requireNonNull(endpoints.get(path.substring(1, slash)), path);
    String query = exchange.getRequestURI().getRawQuery();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://%s%s%s"
                        .formatted(
                            real.getAuthority(),
                            path.substring(slash),
                            query == null ? "" : "?" + query)))
            .method(
                exchange.getRequestMethod(),
                BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> request.header(name, value));
          }
        });
    try {
      return client.send(request.build(), BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    client.close();
  }
}
