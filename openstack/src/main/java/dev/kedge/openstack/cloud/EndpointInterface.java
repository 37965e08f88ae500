package dev.kedge.openstack.cloud;

import java.util.Locale;
import java.util.Optional;

/** For whom an endpoint of the catalogue is meant. */
public enum EndpointInterface {
  /** Everybody. */
  PUBLIC,
  /** The cloud's own network. */
  INTERNAL,
  /** Operators. */
  ADMIN;

  /** The word in Keystone's catalogue. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads {@code public}, {@code publicURL} and the like. */
  static Optional<EndpointInterface> parse(String text) {
    String word = text.toLowerCase(Locale.ROOT).replaceFirst("url$", "");
    for (EndpointInterface known : values()) {
      if (known.word().equals(word)) {
        return Optional.of(known);
      }
    }
    return Optional.empty();
  }
}
