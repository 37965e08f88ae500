package dev.kedge.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * As much of S3 as a rehearsal needs, in memory, on a port of its own: who builds kedge has no
 * store. It checks nothing, so that no test should take it for one.
 */
final class RehearsalStore implements AutoCloseable {
  private static final String BUCKET = "/rehearsal";

  private final HttpServer server;
  private final NavigableMap<String, byte[]> objects = new TreeMap<>();
  private final NavigableMap<Integer, byte[]> parts = new TreeMap<>();
  private final Map<String, String> marks = new HashMap<>();

  RehearsalStore() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(BUCKET, this::serve);
    server.start();
  }

  /** A target in it. */
  static String location(String prefix) {
    return "s3:/" + BUCKET + "/" + prefix;
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String key = exchange.getRequestURI().getPath().substring(BUCKET.length());
      Map<String, String> query = query(exchange.getRequestURI());
      switch (exchange.getRequestMethod()) {
        case "PUT" -> put(exchange, key, query.get("partNumber"), body);
        case "POST" -> upload(exchange, key, query.containsKey("uploads"));
        case "DELETE" -> {
          objects.remove(key);
          answer(exchange, 204, new byte[0]);
        }
        default -> {
          if (key.isEmpty()) {
            list(exchange, query);
          } else {
            get(exchange, key);
          }
        }
      }
    }
  }

  private static Map<String, String> query(URI uri) {
    Map<String, String> query = new HashMap<>();
    for (String word : Objects.requireNonNullElse(uri.getQuery(), "").split("&", -1)) {
      int end = word.indexOf('=');
      query.put(end < 0 ? word : word.substring(0, end), word.substring(end + 1));
    }
    return query;
  }

  private void put(HttpExchange exchange, String key, @Nullable String part, byte[] body)
      throws IOException {
    if (part != null) {
      parts.put(Integer.valueOf(part), body);
    } else if (exchange.getRequestHeaders().containsKey("If-None-Match")
        && objects.containsKey(key)) {
      answer(exchange, 412, xml("<Error><Code>PreconditionFailed</Code></Error>"));
      return;
    } else {
      store(exchange, key, body);
    }
    exchange.getResponseHeaders().set("ETag", "\"rehearsal\"");
    answer(exchange, 200, new byte[0]);
  }

  private void store(HttpExchange exchange, String key, byte[] body) {
    objects.put(key, body);
    String mark = exchange.getRequestHeaders().getFirst("x-amz-meta-kedge-write");
    marks.put(key, Objects.requireNonNullElse(mark, ""));
  }

  private void upload(HttpExchange exchange, String key, boolean begins) throws IOException {
    if (begins) {
      parts.clear();
      answer(exchange, 200, document("InitiateMultipartUpload", "<UploadId>1</UploadId>"));
      return;
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    parts.values().forEach(whole::writeBytes);
    store(exchange, key, whole.toByteArray());
    answer(exchange, 200, document("CompleteMultipartUpload", "<ETag>\"rehearsal\"</ETag>"));
  }

  private void get(HttpExchange exchange, String key) throws IOException {
    byte[] bytes = objects.get(key);
    if (bytes == null) {
      answer(exchange, 404, xml("<Error><Code>NoSuchKey</Code></Error>"));
      return;
    }
    exchange.getResponseHeaders().set("ETag", "\"rehearsal\"");
    exchange.getResponseHeaders().set("x-amz-meta-kedge-write", marks.get(key));
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      answer(exchange, 200, bytes);
      return;
    }
    String[] ends = range.substring("bytes=".length()).split("-", -1);
    int last = Math.min(Integer.parseInt(ends[1]), bytes.length - 1);
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes " + ends[0] + "-" + last + "/" + bytes.length);
    answer(exchange, 206, Arrays.copyOfRange(bytes, Integer.parseInt(ends[0]), last + 1));
  }

  private void list(HttpExchange exchange, Map<String, String> query) throws IOException {
    if (query.containsKey("uploads")) {
      answer(exchange, 200, document("ListMultipartUploads", "<IsTruncated>false</IsTruncated>"));
      return;
    }
    String prefix = "/" + query.getOrDefault("prefix", "");
    SortedMap<String, byte[]> found = objects.subMap(prefix, prefix + Character.MAX_VALUE);
    StringBuilder entries = new StringBuilder("<IsTruncated>false</IsTruncated>");
    TreeSet<String> folders = new TreeSet<>();
    found.forEach((key, bytes) -> {
      int end = key.indexOf('/', prefix.length());
      if (end >= 0) {
        folders.add(key.substring(1, end + 1));
        return;
      }
      entries.append(
          "<Contents><Key>%s</Key><Size>%d</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
              .formatted(key.substring(1), bytes.length));
    });
    folders.forEach(
        f -> entries.append("<CommonPrefixes><Prefix>" + f + "</Prefix></CommonPrefixes>"));
    answer(exchange, 200, document("ListBucket", entries.toString()));
  }

  private static byte[] document(String name, String content) {
    return xml("<" + name + "Result>" + content + "</" + name + "Result>");
  }

  private static byte[] xml(String text) {
    return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + text).getBytes(StandardCharsets.UTF_8);
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
    }
    exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
    if (!head && body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
