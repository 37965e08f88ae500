package dev.kedge.openstack.cloud;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a cloud, as words of clouds.yaml ({@code auth_url}, {@code region_name}, ...),
 * those of {@code auth} among the others.
 *
 * @param origin where the words come from, for messages
 */
record CloudSettings(String name, String origin, Map<String, String> words) {
  /** Words that mean the same; the first one counts. */
  private static final List<List<String>> SYNONYMS =
      List.of(
          List.of("project_name", "tenant_name"),
          List.of("project_id", "tenant_id"),
          List.of("user_domain_name", "user_domain"),
          List.of("project_domain_name", "project_domain"),
          List.of("default_domain_name", "default_domain"),
          List.of("interface", "endpoint_type"),
          List.of("token", "auth_token"));

  CloudSettings {
    Map<String, String> unified = new HashMap<>();
    words.forEach((key, value) -> {
      if (!value.isEmpty()) {
        unified.put(key.toLowerCase(Locale.ROOT).replace('-', '_'), value);
      }
    });
    for (List<String> same : SYNONYMS) {
      String other = unified.remove(same.get(1));
      if (other != null) {
        unified.putIfAbsent(same.getFirst(), other);
      }
    }
    words = Map.copyOf(unified);
  }

  /** These with others laid over them; a name replaces an id of the same thing, and back. */
  CloudSettings overlaidWith(Map<String, String> others) {
    Map<String, String> added = new CloudSettings(name, origin, others).words;
    Map<String, String> merged = new HashMap<>(words);
    merged.keySet().removeIf(key -> added.containsKey(counterpart(key)));
    merged.putAll(added);
    return new CloudSettings(name, origin, merged);
  }

  private static String counterpart(String key) {
    if (key.equals("username")) {
      return "user_id";
    }
    if (key.equals("user_id")) {
      return "username";
    }
    return key.endsWith("_id")
        ? key.replaceFirst("_id$", "_name")
        : key.replaceFirst("_name$", "_id");
  }

  @Nullable String get(String key) {
    return words.get(key);
  }

  boolean has(String key) {
    return words.containsKey(key);
  }

  String require(String key, String wayOut) {
    String value = words.get(key);
    if (value == null) {
      throw wrong("has no " + key + ": " + wayOut);
    }
    return value;
  }

  boolean flag(String key, boolean otherwise) {
    String value = words.get(key);
    if (value == null) {
      return otherwise;
    }
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw wrong("has a " + key + " that is neither true nor false");
    };
  }

  KedgeException wrong(String how) {
    return new KedgeException(ErrorCode.USAGE, "cloud " + name + " (" + origin + ") " + how);
  }

  /** The words may hold passwords. */
  @Override
  public String toString() {
    return "cloud " + name + " (" + origin + ")";
  }
}
