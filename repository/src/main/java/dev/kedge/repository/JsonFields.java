package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the fields of a JSON object that may hold anything. What is missing or of another type is a
 * {@link KedgeException} with VERIFICATION_FAILED that names the file and the field. Not
 * thread-safe.
 */
final class JsonFields {
  private final ObjectNode node;
  private final String file;
  private final String path;

  JsonFields(ObjectNode node, String file) {
    this(node, file, "");
  }

  private JsonFields(ObjectNode node, String file, String path) {
    this.node = node;
    this.file = file;
    this.path = path;
  }

  /** Refuses a version that is not the one this Kedge knows. */
  void requireVersion(String field, int known) {
    requireVersion(field, known, known);
  }

  /** Refuses a version that is none of those this Kedge knows. */
  void requireVersion(String field, int first, int last) {
    long version = number(field, 1, Integer.MAX_VALUE);
    if (version < first || version > last) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s has %s %d, this Kedge knows only %d: use a newer Kedge"
              .formatted(file, field, version, last));
    }
  }

  /** A version from 1 up to the newest one that this Kedge knows; refuses a newer one. */
  int version(String field, int newest) {
    long version = number(field, 1, Integer.MAX_VALUE);
    if (version > newest) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s has %s %d, this Kedge knows them up to %d: use a newer Kedge"
              .formatted(file, field, version, newest));
    }
    return (int) version;
  }

  /** Whether a field is given, be it null. */
  boolean has(String field) {
    return node.has(field);
  }

  JsonFields object(String field) {
    if (node.get(field) instanceof ObjectNode object) {
      return new JsonFields(object, file, path + field + ".");
    }
    throw wrong(field, "an object");
  }

  @Nullable JsonFields objectOrNull(String field) {
    return isNull(field) ? null : object(field);
  }

  List<JsonFields> objects(String field) {
    if (!(node.get(field) instanceof ArrayNode array)) {
      throw wrong(field, "a list");
    }
    List<JsonFields> found = new ArrayList<>();
    for (JsonNode element : array) {
      if (!(element instanceof ObjectNode object)) {
        throw wrong(field, "a list of objects");
      }
      found.add(new JsonFields(object, file, path + field + "[" + found.size() + "]."));
    }
    return found;
  }

  /** A list of texts. */
  List<String> textList(String field) {
    if (!(node.get(field) instanceof ArrayNode array)) {
      throw wrong(field, "a list");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : array) {
      if (!element.isString()) {
        throw wrong(field, "a list of texts");
      }
      texts.add(element.stringValue());
    }
    return texts;
  }

  /** The object itself, with all its fields. */
  ObjectNode copy() {
    return node.deepCopy();
  }

  /** All fields that are texts. */
  Map<String, String> textsOnly() {
    Map<String, String> texts = new HashMap<>();
    for (var field : node.properties()) {
      if (field.getValue().isString()) {
        texts.put(field.getKey(), text(field.getKey()));
      }
    }
    return texts;
  }

  /** So many bytes as lower-case hexadecimal digits. */
  String hex(String field, int bytes) {
    String text = text(field);
    if (text.length() != 2 * bytes || !text.matches("[0-9a-f]*")) {
      throw wrong(field, 2 * bytes + " hexadecimal digits");
    }
    return text;
  }

  /** A text that may be empty. */
  String text(String field) {
    JsonNode value = node.get(field);
    if (value == null || !value.isString()) {
      throw wrong(field, "a text");
    }
    return value.stringValue();
  }

  /** A text of at least one character. */
  String name(String field) {
    String text = text(field);
    if (text.isEmpty()) {
      throw wrong(field, "a text that is not empty");
    }
    return text;
  }

  @Nullable String textOrNull(String field) {
    return isNull(field) ? null : text(field);
  }

  /** A text that must be exactly this. */
  String constant(String field, String value) {
    if (!text(field).equals(value)) {
      throw wrong(field, "'" + value + "'");
    }
    return value;
  }

  /** A whole number from 0 up. */
  long count(String field) {
    return number(field, 0, Long.MAX_VALUE);
  }

  /** A whole number within bounds. */
  long number(String field, long min, long max) {
    JsonNode value = node.get(field);
    if (value == null
        || !value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > max) {
      throw wrong(
          field,
          max == Long.MAX_VALUE
              ? "a whole number from " + min
              : "a whole number from " + min + " to " + max);
    }
    return value.longValue();
  }

  /** A number from 0 up. */
  double seconds(String field) {
    JsonNode value = node.get(field);
    double seconds = value != null && value.isNumber() ? value.doubleValue() : -1;
    if (!(seconds >= 0) || Double.isInfinite(seconds)) {
      throw wrong(field, "a number from 0");
    }
    return seconds;
  }

  boolean flag(String field) {
    JsonNode value = node.get(field);
    if (value == null || !value.isBoolean()) {
      throw wrong(field, "true or false");
    }
    return value.booleanValue();
  }

  Instant instant(String field) {
    try {
      return Instant.parse(text(field));
    } catch (DateTimeException e) {
      throw wrong(field, "a time like 2026-01-31T12:00:00Z");
    }
  }

  UUID uuid(String field) {
    UUID uuid = Uuids.parseOrNull(text(field));
    if (uuid == null) {
      throw wrong(field, "a UUID in lower case");
    }
    return uuid;
  }

  @Nullable UUID uuidOrNull(String field) {
    return isNull(field) ? null : uuid(field);
  }

  Checksum checksum(String field) {
    return Checksum.parse(text(field)).orElseThrow(() -> wrong(field, "32 hexadecimal digits"));
  }

  /** The failure that a field is not what it should be. */
  KedgeException wrong(String field, String expected) {
    JsonNode value = node.get(field);
    String found = value == null ? "it is missing" : "it is something else";
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        "%s is damaged: %s%s should be %s, but %s".formatted(file, path, field, expected, found));
  }

  private boolean isNull(String field) {
    JsonNode value = node.get(field);
    if (value == null) {
      throw wrong(field, "given, if only as null");
    }
    return value.isNull();
  }
}
