package dev.kedge.openstack.yaml;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A mapping in a YAML file. Scalars are texts exactly as they were written, so that a password
 * {@code 007} stays one. Immutable. Every complaint is a {@link KedgeException} with USAGE that
 * names the file and the key, never a value.
 */
public final class YamlMap {
  private final String file;
  private final String path;
  private final Map<String, Object> values;

  private YamlMap(String file, String path, Map<String, Object> values) {
    this.file = file;
    this.path = path;
    this.values = values;
  }

  /** Reads a file's text; an empty one is an empty mapping. */
  public static YamlMap parse(String text, String file) {
    return of(YamlText.load(text, file), file, "");
  }

  /** An empty mapping. */
  public static YamlMap empty(String file) {
    return new YamlMap(file, "", Map.of());
  }

  private static YamlMap of(@Nullable Object value, String file, String path) {
    if (value == null) {
      return new YamlMap(file, path, Map.of());
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw complaint(file, (path.isEmpty() ? "it" : path) + " should be a mapping");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (var entry : map.entrySet()) {
      // A key without a value says nothing.
      if (entry.getKey() instanceof String key && entry.getValue() != null) {
        values.put(key, entry.getValue());
      }
    }
    return new YamlMap(file, path, values);
  }

  /** The file's name, for messages. */
  public String file() {
    return file;
  }

  /** The keys that have a value, in the file's order. */
  public Set<String> keys() {
    return values.keySet();
  }

  /** A scalar; null where the key has none. */
  public @Nullable String text(String key) {
    Object value = values.get(key);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw wrong(key, "should be a text");
  }

  /** True or false; that of the caller where the key has no value. */
  public boolean flag(String key, boolean otherwise) {
    String text = text(key);
    return switch (text == null ? "" : text.toLowerCase(Locale.ROOT)) {
      case "" -> otherwise;
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw wrong(key, "should be true or false");
    };
  }

  /** A nested mapping; empty where there is none. */
  public YamlMap map(String key) {
    return of(values.get(key), file, path(key));
  }

  /** A list of texts or of mappings with a {@code name}; empty where there is none. */
  public List<String> names(String key) {
    Object value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw wrong(key, "should be a list");
    }
    List<String> names = new ArrayList<>();
    for (Object element : list) {
      String name =
          element instanceof String text ? text : of(element, file, path(key)).text("name");
      if (name == null) {
        throw wrong(key, "has an entry without a name");
      }
      names.add(name);
    }
    return names;
  }

  /** This mapping with another's values laid over it; nested mappings are merged, too. */
  public YamlMap overlaidWith(YamlMap other) {
    Map<String, Object> merged = new LinkedHashMap<>(values);
    for (var entry : other.values.entrySet()) {
      boolean nested = entry.getValue() instanceof Map && values.get(entry.getKey()) instanceof Map;
      merged.put(
          entry.getKey(),
          nested
              ? map(entry.getKey()).overlaidWith(other.map(entry.getKey())).values
              : entry.getValue());
    }
    return new YamlMap(file, path, merged);
  }

  /** Refuses a key that is none of these, and names the nearest that is. */
  public void allowOnly(Set<String> known) {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw complaint(
            file,
            "it knows no key " + path(key) + "; did you mean " + NearestName.of(key, known) + "?");
      }
    }
  }

  /** The complaint that a key is not what it should be. */
  public KedgeException wrong(String key, String how) {
    return complaint(file, path(key) + " " + how);
  }

  private String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static KedgeException complaint(String file, String what) {
    return new KedgeException(ErrorCode.USAGE, file + " cannot be used: " + what);
  }
}
