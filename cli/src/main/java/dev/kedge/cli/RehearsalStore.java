package dev.kedge.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * As much of S3, in memory, as {@link Rehearsal} asks for: it is there to be talked to, not to keep
 * anything. Whoever reaches its port on this machine may use it.
 */
final class RehearsalStore implements AutoCloseable {
  private static final String XMLNS = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  private static final String DATE = "2026-01-01T00:00:00.000Z";
  private static final String MARK = "x-amz-meta-kedge-write";
  private static final int THREADS = 4;

  private static final class Stored {
    final byte[] bytes;
    final @Nullable String mark;

    Stored(byte[] bytes, @Nullable String mark) {
      this.bytes = bytes;
      this.mark = mark;
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final ConcurrentSkipListMap<String, Stored> objects = new ConcurrentSkipListMap<>();
  private final Map<Integer, byte[]> parts = new ConcurrentSkipListMap<>();

  RehearsalStore() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  URI endpoint() {
    return URI.create(
        "http://%s:%d"
            .formatted(
                server.getAddress().getAddress().getHostAddress(), server.getAddress().getPort()));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String[] path = exchange.getRequestURI().getPath().split("/", 3);
      String key = path.length < 3 ? "" : path[2];
      Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
      byte[] body = exchange.getRequestBody().readAllBytes();
      switch (exchange.getRequestMethod()) {
        case "GET" -> get(exchange, key, query);
        case "HEAD" -> head(exchange, objects.get(key));
        case "PUT" -> put(exchange, key, query, body);
        case "POST" -> post(exchange, key, query);
        default -> delete(exchange, key);
      }
    }
  }

  private static Map<String, String> query(@Nullable String text) {
    Map<String, String> query = new TreeMap<>();
    for (String pair : (text == null ? "" : text).split("&", -1)) {
      int sign = pair.indexOf('=');
      String value = sign < 0 ? "" : pair.substring(sign + 1);
      query.put(sign < 0 ? pair : pair.substring(0, sign), URLDecoder.decode(value, UTF_8));
    }
    return query;
  }

  private void get(HttpExchange exchange, String key, Map<String, String> query)
      throws IOException {
    if (key.isEmpty()) {
      send(exchange, 200, query.containsKey("uploads") ? noUploads() : list(query));
      return;
    }
    Stored stored = objects.get(key);
    if (stored == null) {
      send(exchange, 404, "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>");
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = 0;
    int end = stored.bytes.length;
    if (range != null) {
      String[] numbers = range.substring(range.indexOf('=') + 1).split("-", 2);
      from = Integer.parseInt(numbers[0]);
      end = Math.min(end, Integer.parseInt(numbers[1]) + 1);
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, end - 1, stored.bytes.length));
    }
    describe(exchange.getResponseHeaders(), stored);
    exchange.sendResponseHeaders(range == null ? 200 : 206, end - from == 0 ? -1 : end - from);
    exchange.getResponseBody().write(stored.bytes, from, end - from);
  }

  private static void head(HttpExchange exchange, @Nullable Stored stored) throws IOException {
    if (stored != null) {
      describe(exchange.getResponseHeaders(), stored);
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(stored.bytes.length));
    }
    exchange.sendResponseHeaders(stored == null ? 404 : 200, -1);
  }

  private static void describe(Headers headers, Stored stored) {
    headers.set("ETag", etag(stored));
    headers.set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
    if (stored.mark != null) {
      headers.set(MARK, stored.mark);
    }
  }

  private static String etag(Stored stored) {
    return "\"%08x\"".formatted(System.identityHashCode(stored));
  }

  private void put(HttpExchange exchange, String key, Map<String, String> query, byte[] body)
      throws IOException {
    Stored stored = new Stored(body, exchange.getRequestHeaders().getFirst(MARK));
    boolean exclusive = exchange.getRequestHeaders().containsKey("If-None-Match");
    if (query.containsKey("partNumber")) {
      parts.put(Integer.parseInt(query.get("partNumber")), body);
    } else if (!exclusive) {
      objects.put(key, stored);
    } else if (objects.putIfAbsent(key, stored) != null) {
      send(exchange, 412, "<Error><Code>PreconditionFailed</Code></Error>");
      return;
    }
    exchange.getResponseHeaders().set("ETag", etag(stored));
    exchange.sendResponseHeaders(200, -1);
  }

  /** Uploads are finished one after the other here. */
  private void post(HttpExchange exchange, String key, Map<String, String> query)
      throws IOException {
    if (query.containsKey("uploads")) {
      parts.clear();
      send(
          exchange,
          200,
          "<InitiateMultipartUploadResult"
              + XMLNS
              + "<UploadId>1</UploadId></InitiateMultipartUploadResult>");
      return;
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    parts.values().forEach(whole::writeBytes);
    Stored stored = new Stored(whole.toByteArray(), null);
    objects.put(key, stored);
    send(
        exchange,
        200,
        "<CompleteMultipartUploadResult"
            + XMLNS
            + "<ETag>"
            + etag(stored).replace("\"", "&quot;")
            + "</ETag></CompleteMultipartUploadResult>");
  }

  private void delete(HttpExchange exchange, String key) throws IOException {
    objects.remove(key);
    exchange.sendResponseHeaders(204, -1);
  }

  private String list(Map<String, String> query) {
    String prefix = query.getOrDefault("prefix", "");
    StringBuilder text = new StringBuilder("<ListBucketResult").append(XMLNS);
    TreeMap<String, Boolean> folders = new TreeMap<>();
    objects.forEach((key, stored) -> {
      int slash = key.startsWith(prefix) ? key.indexOf('/', prefix.length()) : -1;
      if (slash >= 0) {
        folders.put(key.substring(0, slash + 1), true);
      } else if (key.startsWith(prefix)) {
        text.append(
            "<Contents><Key>%s</Key><LastModified>%s</LastModified><Size>%d</Size></Contents>"
                .formatted(key, DATE, stored.bytes.length));
      }
    });
    folders
        .keySet()
        .forEach(folder ->
            text.append("<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>".formatted(folder)));
    return text.append("<IsTruncated>false</IsTruncated></ListBucketResult>").toString();
  }

  private static String noUploads() {
    return "<ListMultipartUploadsResult"
        + XMLNS
        + "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>";
  }

  private static void send(HttpExchange exchange, int status, String xml) throws IOException {
    byte[] bytes = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + xml).getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/xml");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
