package dev.kedge.openstack.freeze;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kedge.openstack.cloud.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Nova with one server, which can be made to refuse. Thread-safe. */
final class PausingNova implements AutoCloseable {
  private final HttpServer http;
  private final BlockingQueue<String> states = new LinkedBlockingQueue<>();
  private volatile String vmState = "active";
  private final AtomicInteger refusals = new AtomicInteger();

  PausingNova() {
    try {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    http.createContext("/", this::handle);
    http.start();
  }

  StandStill.NovaPause guest() {
    return new StandStill.NovaPause(
        URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/v2.1/servers/1"),
        new Secret("the token"),
        null,
        true);
  }

  String vmState() {
    return vmState;
  }

  /** Answers the next requests for a change with 500. */
  void refuse(int times) {
    refusals.set(times);
  }

  /** The next state that the server goes to; null where it does not within a minute. */
  @Nullable String nextState() throws InterruptedException {
    return states.poll(60, TimeUnit.SECONDS);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      boolean known = "the token".equals(exchange.getRequestHeaders().getFirst("X-Auth-Token"));
      boolean change = exchange.getRequestMethod().equals("POST");
      int status = known ? change ? 202 : 200 : 401;
      if (known && change && refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        status = 500;
      } else if (known && change) {
        vmState = body.contains("unpause") ? "active" : "paused";
        states.add(vmState);
      }
      byte[] answer =
          "{\"server\": {\"OS-EXT-STS:vm_state\": \"%s\", \"OS-EXT-STS:task_state\": null}}"
              .formatted(vmState)
              .getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
