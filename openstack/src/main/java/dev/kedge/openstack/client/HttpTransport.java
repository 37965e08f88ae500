package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.cloud.CloudConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Sends requests, again where that is safe. Thread-safe. */
final class HttpTransport implements AutoCloseable {
  /** A page of a thousand servers has a few MiB. */
  private static final int MAX_BODY_BYTES = 32 << 20;

  private static final int MAX_REDIRECTS = 3;

  private static final String KEEP_ALIVE = "jdk.httpclient.keepalive.timeout";

  static {
    // In seconds. Apache closes idle connections after five by default; a POST that meets one being
    // closed has an unknown outcome. The JDK knows this setting for the whole process only.
    if (System.getProperty(KEEP_ALIVE) == null) {
      System.setProperty(KEEP_ALIVE, "3");
    }
  }

  private final HttpClient http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final RetryPolicy retry;
  private final Pause pause;

  HttpTransport(CloudConfig config, RetryPolicy retry, Pause pause) {
    this.retry = retry;
    this.pause = pause;
    this.http =
        HttpClient.newBuilder()
            // HTTP/1.1: the upgrade that the JDK offers otherwise confuses some WSGI servers.
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(config.connectTimeout())
            .sslContext(TlsTrust.context(config))
            .executor(threads)
            .build();
  }

  /**
   * The answer, whatever its status.
   *
   * @throws OpenStackException where there is none
   */
  ApiResponse send(ApiRequest request) {
    ApiRequest current = request;
    for (int redirects = 0; ; redirects++) {
      ApiResponse response = sendWithRetries(current);
      Optional<URI> elsewhere = redirect(current, response);
      if (elsewhere.isEmpty() || redirects == MAX_REDIRECTS) {
        return response;
      }
      current = current.withUri(elsewhere.get());
    }
  }

  /** Only on the same host, since the request carries a token. */
  private static Optional<URI> redirect(ApiRequest request, ApiResponse response) {
    boolean moved =
        switch (response.status()) {
          case 301, 302, 307, 308 -> request.method().equals("GET");
          default -> false;
        };
    String location = response.header("Location");
    if (!moved || location.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI target = request.uri().resolve(location);
      return target.getScheme().equals(request.uri().getScheme())
              && request.uri().getAuthority().equals(target.getAuthority())
          ? Optional.of(target)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private ApiResponse sendWithRetries(ApiRequest request) {
    for (int attempt = 1; ; attempt++) {
      Optional<Duration> wait;
      try {
        ApiResponse response = sendOnce(request);
        wait = retry.afterAnswer(attempt, request, response);
        if (wait.isEmpty()) {
          return response;
        }
      } catch (IOException e) {
        wait = waitAfter(e, attempt, request);
        if (wait.isEmpty()) {
          throw ConnectionFailure.of(e, request, attempt);
        }
      }
      pause.sleep(wait.get());
    }
  }

  private Optional<Duration> waitAfter(IOException failure, int attempt, ApiRequest request) {
    return switch (failure) {
      case ConnectException refused -> retry.afterRefusal(attempt);
      case HttpConnectTimeoutException unreachable -> retry.afterTimeout(attempt, request);
      case HttpTimeoutException late -> retry.afterTimeout(attempt, request);
      case SSLException untrusted -> Optional.empty();
      case BodyTooLargeException tooLarge -> Optional.empty();
      default -> retry.afterDrop(attempt, request);
    };
  }

  private ApiResponse sendOnce(ApiRequest request) throws IOException {
    HttpResponse<byte[]> response = exchange(request, info -> new LimitedBody(MAX_BODY_BYTES));
    return new ApiResponse(
        response.statusCode(), response.headers(), response.body(), requestId(request, response));
  }

  /**
   * The body as a stream, once, without further attempts; the caller closes it.
   *
   * @throws OpenStackException where there is no answer
   */
  StreamedResponse stream(ApiRequest request) {
    try {
      HttpResponse<InputStream> response = exchange(request, BodyHandlers.ofInputStream());
      return new StreamedResponse(
          response.statusCode(), response.headers(), response.body(), requestId(request, response));
    } catch (IOException e) {
      throw ConnectionFailure.of(e, request, 1);
    }
  }

  private <T> HttpResponse<T> exchange(ApiRequest request, BodyHandler<T> handler)
      throws IOException {
    CompletableFuture<HttpResponse<T>> answer = http.sendAsync(httpRequest(request), handler);
    try {
      // The client's own timeout ends with the headers; a body may hang, too.
      return answer.get(request.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new HttpTimeoutException("no answer within " + request.timeout().toSeconds() + " s");
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new KedgeException(
          ErrorCode.INTERRUPTED, "stopped while " + request.service() + " was asked", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException("the HTTP client failed", e.getCause());
    }
  }

  private static HttpRequest httpRequest(ApiRequest request) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(request.uri()).method(request.method(), request.body().get());
    request.headers().forEach(builder::setHeader);
    return builder
        .setHeader("X-OpenStack-Request-ID", request.id())
        .setHeader("User-Agent", "kedge")
        .build();
  }

  private static String requestId(ApiRequest request, HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("x-openstack-request-id")
        .or(() -> response.headers().firstValue("x-compute-request-id"))
        .orElse(request.id());
  }

  /** Breaks off what is under way. */
  @Override
  public void close() {
    http.shutdownNow();
    threads.shutdownNow();
  }
}
