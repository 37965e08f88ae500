package dev.kedge.openstack.client;

import java.net.URI;

/** URLs and their parts. */
final class Uris {
  private Uris() {}

  /** The URL with more path, and one slash between. Its query is dropped. */
  static URI append(URI base, String path) {
    return withPath(base, stripSlash(base.getRawPath()) + path);
  }

  /** Same scheme, host and port, another path (encoded). */
  static URI withPath(URI base, String path) {
    return URI.create(base.getScheme() + "://" + base.getRawAuthority() + path);
  }

  static URI withQuery(URI base, Query query) {
    return query.isEmpty() ? base : URI.create(base + "?" + query);
  }

  static String stripSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
