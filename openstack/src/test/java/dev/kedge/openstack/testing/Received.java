package dev.kedge.openstack.testing;

import com.sun.net.httpserver.Headers;
import org.jspecify.annotations.Nullable;

/** A request that came to the fake cloud. */
public record Received(
    String method, String path, @Nullable String query, Headers headers, String body) {
  /** A header's first value; empty where it is missing. */
  public String header(String name) {
    String value = headers.getFirst(name);
    return value == null ? "" : value;
  }
}
