package dev.kedge.openstack.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The path of a request below a service's endpoint. Its segments cannot leave their place. */
public final class ApiPath {
  private ApiPath() {}

  /** {@code of("servers", id)} is {@code /servers/<id>}, the segments encoded. */
  public static String of(String... segments) {
    StringBuilder path = new StringBuilder();
    for (String segment : segments) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw new IllegalArgumentException("'" + segment + "' is no segment of a path");
      }
      path.append('/')
          .append(URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    return path.toString();
  }
}
