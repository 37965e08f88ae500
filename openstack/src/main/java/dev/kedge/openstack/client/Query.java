package dev.kedge.openstack.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The query of a URL. Keys may repeat. Immutable. */
public final class Query {
  private static final Query NONE = new Query("");

  private final String encoded;

  private Query(String encoded) {
    this.encoded = encoded;
  }

  /** No query. */
  public static Query none() {
    return NONE;
  }

  /** One key. */
  public static Query of(String key, String value) {
    return NONE.and(key, value);
  }

  /** What stands behind the question mark of a URL; null or empty: none. */
  static Query ofEncoded(@Nullable String encoded) {
    return encoded == null ? NONE : new Query(encoded);
  }

  /** This with one more key. */
  public Query and(String key, String value) {
    String pair = encode(key) + "=" + encode(value);
    return new Query(encoded.isEmpty() ? pair : encoded + "&" + pair);
  }

  boolean isEmpty() {
    return encoded.isEmpty();
  }

  @Override
  public String toString() {
    return encoded;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
