package dev.kedge.openstack.client;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A request as it goes out.
 *
 * @param service the program asked, for messages
 * @param headers may hold a token
 * @param body made anew for each attempt
 * @param repeatable whether it may be sent again when nobody knows what became of it
 * @param timeout for the whole answer
 * @param id in {@code X-Openstack-Request-Id}: the services write it to their logs
 */
record ApiRequest(
    String service,
    String method,
    URI uri,
    Map<String, String> headers,
    Supplier<BodyPublisher> body,
    boolean repeatable,
    Duration timeout,
    String id) {

  static ApiRequest withoutBody(String service, String method, URI uri, Duration timeout) {
    return new ApiRequest(
        service,
        method,
        uri,
        Map.of("Accept", "application/json"),
        BodyPublishers::noBody,
        !method.equals("POST") && !method.equals("PATCH"),
        timeout,
        "req-" + UUID.randomUUID());
  }

  ApiRequest withBody(String type, Supplier<BodyPublisher> content) {
    return new ApiRequest(
        service, method, uri, plus("Content-Type", type), content, repeatable, timeout, id);
  }

  ApiRequest withJson(byte[] json) {
    return withBody("application/json", () -> BodyPublishers.ofByteArray(json));
  }

  ApiRequest withHeader(String name, String value) {
    return new ApiRequest(service, method, uri, plus(name, value), body, repeatable, timeout, id);
  }

  ApiRequest withRepeatable(boolean itIs) {
    return new ApiRequest(service, method, uri, headers, body, itIs, timeout, id);
  }

  ApiRequest withTimeout(Duration other) {
    return new ApiRequest(service, method, uri, headers, body, repeatable, other, id);
  }

  ApiRequest withUri(URI other) {
    return new ApiRequest(service, method, other, headers, body, repeatable, timeout, id);
  }

  private Map<String, String> plus(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put(name, value);
    return all;
  }

  /** The request for a message: without its query, which nobody vouches for. */
  @Override
  public String toString() {
    String url = uri.toString();
    int query = url.indexOf('?');
    return method + " " + (query < 0 ? url : url.substring(0, query));
  }
}
