package dev.kedge.repository.s3;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kedge.base.ErrorCode;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A store that ignores conditions. It is a fake: the stores at hand all honour them, and only as
 * much of S3 as a first backup asks for.
 */
@Isolated
class ConditionalPutProofTest {
  private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  private HttpServer server;
  private S3Target target;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    System.setProperty("aws.accessKeyId", "nobody");
    System.setProperty("aws.secretAccessKey", "nothing");
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    target = S3Target.open("s3://bucket/p", new S3Options(url, "us-east-1", true, null));
  }

  @AfterEach
  void stop() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    byte[] sent = exchange.getRequestBody().readAllBytes();
    try (exchange) {
      switch (exchange.getRequestMethod()) {
        case "PUT" -> {
          objects.put(path, sent);
          exchange.sendResponseHeaders(200, -1);
        }
        case "DELETE" -> {
          objects.remove(path);
          exchange.sendResponseHeaders(204, -1);
        }
        case "HEAD" -> exchange.sendResponseHeaders(objects.containsKey(path) ? 200 : 404, -1);
        default -> {
          boolean list = exchange.getRequestURI().getQuery() != null;
          byte[] body =
              (list ? "<ListBucketResult/>" : "<Error><Code>NoSuchKey</Code></Error>")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(list ? 200 : 404, body.length);
          exchange.getResponseBody().write(body);
        }
      }
    }
  }

  @Test
  void aStoreThatLetsEveryWriterWinIsRefused() {
    assertThat(assertFails(ErrorCode.REFUSED, () -> Repository.openOrCreate(target)))
        .hasMessageContaining("s3://bucket/p")
        .hasMessageContaining("If-None-Match")
        .hasMessageContaining("127.0.0.1");
    assertThat(new TreeMap<>(objects)).as("what was left").isEmpty();
  }

  @Test
  void soIsARepositoryThatWasCopiedThere() {
    assertFails(ErrorCode.REFUSED, () -> target.putIfAbsent("images/a/lease.json", new byte[1]));
    assertThat(new TreeMap<>(objects)).isEmpty();
  }
}
