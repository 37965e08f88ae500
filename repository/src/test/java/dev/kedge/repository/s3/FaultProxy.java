package dev.kedge.repository.s3;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between a client and a store that speaks HTTP, and does to each request what a network or
 * a store in trouble does. One request for each connection, so that a fault hits what it is meant
 * for.
 */
public final class FaultProxy implements Closeable {
  /** What happens to one request. */
  public sealed interface Fault {
    /** Nothing. */
    record None() implements Fault {}

    /** It never reaches the store, which says that it is too busy. */
    record Busy(int status, String code) implements Fault {}

    /** The connection breaks after so many bytes of the request have gone to the store. */
    record CutRequest(long bytes) implements Fault {}

    /** The store does it, and the connection breaks after so many bytes of its answer. */
    record CutAnswer(long bytes) implements Fault {}

    /** The store does it, and nothing comes back until the client gives up. */
    record Silence() implements Fault {}
  }

  /** Chooses a fault by the first line of a request, as in {@code PUT /bucket/key HTTP/1.1}. */
  @FunctionalInterface
  public interface Choice {
    Fault of(String requestLine);
  }

  private final ServerSocket server;
  private final URI store;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private volatile Choice choice = line -> new Fault.None();

  /** A proxy for the store at this URL, on a port of its own. */
  public FaultProxy(URI store) {
    this.store = store;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("proxy").start(this::accept);
  }

  /** The URL to use instead of the store's. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  /** From now on. */
  public void faults(Choice chosen) {
    choice = chosen;
  }

  /** The first lines of all requests so far. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        open.add(client);
        Thread.ofPlatform().daemon().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      String head = head(client.getInputStream());
      if (head.isEmpty()) {
        return;
      }
      String line = head.substring(0, head.indexOf('\r'));
      requests.add(line);
      Fault fault = choice.of(line);
      if (fault instanceof Fault.Busy(int status, String code)) {
        answer(client, status, code);
        return;
      }
      try (Socket upstream = new Socket(store.getHost(), store.getPort())) {
        relay(client, upstream, head, fault);
      }
    } catch (IOException e) {
      // The connection has ended, which is what a fault does.
      return;
    } finally {
      open.remove(client);
    }
  }

  private static void answer(Socket client, int status, String code) throws IOException {
    String body = "<Error><Code>" + code + "</Code><Message>by the proxy</Message></Error>";
    client
        .getOutputStream()
        .write(
            ("HTTP/1.1 "
                    + status
                    + " X\r\nContent-Type: application/xml\r\nConnection: close\r\n"
                    + "Content-Length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.UTF_8));
    client.shutdownOutput();
    // What was sent has to be read, or the client sees a reset instead of the answer.
    client.setSoTimeout(2000);
    client.getInputStream().skipNBytes(Long.MAX_VALUE);
  }

  private static void relay(Socket client, Socket upstream, String head, Fault fault)
      throws IOException {
    upstream.getOutputStream().write(oneRequest(head).getBytes(StandardCharsets.ISO_8859_1));
    long requestBytes = fault instanceof Fault.CutRequest(long bytes) ? bytes : Long.MAX_VALUE;
    Thread sender =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                if (!copy(client.getInputStream(), upstream.getOutputStream(), requestBytes)) {
                  upstream.close();
                  client.close();
                }
              } catch (IOException e) {
                // The other direction ends, too.
                return;
              }
            });
    switch (fault) {
      case Fault.CutAnswer(long bytes) -> {
        boolean _ = copy(upstream.getInputStream(), client.getOutputStream(), bytes);
        // The store must have done it: only the answer is lost.
        boolean _ =
            copy(upstream.getInputStream(), OutputStream.nullOutputStream(), Long.MAX_VALUE);
      }
      case Fault.Silence _ -> {
        boolean _ =
            copy(upstream.getInputStream(), OutputStream.nullOutputStream(), Long.MAX_VALUE);
        while (sender.isAlive()) {
          try {
            sender.join();
          } catch (InterruptedException e) {
            return;
          }
        }
      }
      default -> {
        boolean _ = copy(upstream.getInputStream(), client.getOutputStream(), Long.MAX_VALUE);
      }
    }
  }

  private static String oneRequest(String head) {
    String kept = head.replaceAll("(?i)\r\nConnection: [^\r]*", "");
    return kept.substring(0, kept.length() - 2) + "Connection: close\r\n\r\n";
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    String end = "\r\n\r\n";
    int matched = 0;
    while (matched < end.length()) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
      matched = next == end.charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** Whether all was copied before the limit. */
  private static boolean copy(InputStream from, OutputStream to, long limitBytes)
      throws IOException {
    byte[] piece = new byte[16 << 10];
    long copied = 0;
    while (copied < limitBytes) {
      int count = from.read(piece, 0, (int) Math.min(piece.length, limitBytes - copied));
      if (count < 0) {
        return true;
      }
      to.write(piece, 0, count);
      to.flush();
      copied += count;
    }
    return false;
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
