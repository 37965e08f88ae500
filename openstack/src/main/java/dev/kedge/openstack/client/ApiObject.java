package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An object in an API's answer. Fields that nobody asks for are ignored; one that is needed and
 * missing or of another type is a {@link KedgeException} with FAILED that names the request and the
 * field. Not thread-safe while somebody changes {@link #raw()}.
 */
public final class ApiObject {
  private final ObjectNode node;
  private final String origin;
  private final String path;

  ApiObject(ObjectNode node, String origin) {
    this(node, origin, "");
  }

  private ApiObject(ObjectNode node, String origin, String path) {
    this.node = node;
    this.origin = origin;
    this.path = path;
  }

  /**
   * An object that was kept from an earlier answer.
   *
   * @param origin what it is, for messages
   */
  public static ApiObject kept(ObjectNode node, String origin) {
    return new ApiObject(node, origin);
  }

  /** The object as it came, with every field that Kedge does not know. */
  public ObjectNode raw() {
    return node;
  }

  /** Whether the field is there and not null. */
  public boolean has(String field) {
    return node.hasNonNull(field);
  }

  /** A text that may be empty. */
  public String text(String field) {
    JsonNode value = node.get(field);
    if (value == null || !value.isString()) {
      throw wrong(field, "a text");
    }
    return value.stringValue();
  }

  /** A text; null where the field is missing, null, or empty, which the APIs use alike. */
  public @Nullable String textOrNull(String field) {
    String text = has(field) ? text(field) : "";
    return text.isEmpty() ? null : text;
  }

  /** A text; empty where it is missing. */
  public String textOrEmpty(String field) {
    return has(field) ? text(field) : "";
  }

  /** A whole number, or a text that holds one. */
  public long number(String field) {
    JsonNode value = node.get(field);
    if (value != null && value.isIntegralNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    if (value != null && value.isString()) {
      try {
        return Long.parseLong(value.stringValue());
      } catch (NumberFormatException e) {
        throw wrong(field, "a whole number");
      }
    }
    throw wrong(field, "a whole number");
  }

  /** A whole number; the other one where the field is missing, null or an empty text. */
  public long number(String field, long otherwise) {
    return has(field) && !"".equals(node.get(field).stringValue("-")) ? number(field) : otherwise;
  }

  /** True or false, also as a text ("true", "True", "false", ""). */
  public boolean flag(String field) {
    JsonNode value = node.get(field);
    if (value != null && value.isBoolean()) {
      return value.booleanValue();
    }
    if (value != null && value.isString()) {
      return value.stringValue().equalsIgnoreCase("true");
    }
    throw wrong(field, "true or false");
  }

  /** True or false; the other one where the field is missing or null. */
  public boolean flag(String field, boolean otherwise) {
    return has(field) ? flag(field) : otherwise;
  }

  /** A nested object. */
  public ApiObject object(String field) {
    if (node.get(field) instanceof ObjectNode object) {
      return new ApiObject(object, origin, path + field + ".");
    }
    throw wrong(field, "an object");
  }

  /** A nested object; null where the field is missing, null, or anything else. */
  public @Nullable ApiObject objectOrNull(String field) {
    return node.get(field) instanceof ObjectNode ? object(field) : null;
  }

  /** A list of objects. */
  public List<ApiObject> objects(String field) {
    List<ApiObject> found = new ArrayList<>();
    for (JsonNode element : list(field)) {
      if (!(element instanceof ObjectNode object)) {
        throw wrong(field, "a list of objects");
      }
      found.add(new ApiObject(object, origin, path + field + "[" + found.size() + "]."));
    }
    return found;
  }

  /** A list of objects; empty where the field is missing or null. */
  public List<ApiObject> objectsOrEmpty(String field) {
    return has(field) ? objects(field) : List.of();
  }

  /** A list of texts; empty where the field is missing or null. */
  public List<String> texts(String field) {
    if (!has(field)) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : list(field)) {
      if (!element.isString()) {
        throw wrong(field, "a list of texts");
      }
      texts.add(element.stringValue());
    }
    return texts;
  }

  /** An object of texts, in the answer's order; empty where the field is missing or null. */
  public Map<String, String> textMap(String field) {
    if (!has(field)) {
      return Map.of();
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (var entry : object(field).node.properties()) {
      if (!entry.getValue().isNull()) {
        texts.put(entry.getKey(), entry.getValue().asString());
      }
    }
    return texts;
  }

  private ArrayNode list(String field) {
    if (node.get(field) instanceof ArrayNode array) {
      return array;
    }
    throw wrong(field, "a list");
  }

  /** The failure that a field is not what it should be. */
  public KedgeException wrong(String field, String expected) {
    JsonNode value = node.get(field);
    String found = value == null ? "is missing" : "is something else";
    return new KedgeException(
        ErrorCode.FAILED,
        "%s cannot be understood: %s%s should be %s, but %s"
            .formatted(origin, path, field, expected, found));
  }

  /** Where it comes from; not its content, which may hold secrets. */
  @Override
  public String toString() {
    return origin + (path.isEmpty() ? "" : " " + path);
  }
}
