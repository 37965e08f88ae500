package dev.kedge.openstack.client;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an API says about an error. Each has a shape of its own: {@code {"badRequest": {"message"}}}
 * (Nova, Cinder), {@code {"NeutronError": {"message"}}}, {@code {"error": {"message"}}} (Keystone),
 * {@code {"title", "description"}} (Barbican), HTML (Glance).
 */
final class ErrorMessage {
  private static final List<String> FIELDS = List.of("message", "description", "detail");
  private static final int MAX_CHARACTERS = 400;

  private ErrorMessage() {}

  /** One line; empty where the answer says nothing. */
  static String of(ApiResponse response) {
    String text = ApiJson.parse(response.body()).flatMap(ErrorMessage::find).orElse("");
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() > MAX_CHARACTERS ? line.substring(0, MAX_CHARACTERS) + "…" : line;
  }

  private static Optional<String> find(ObjectNode error) {
    Optional<String> own = textOf(error);
    if (own.isPresent()) {
      return own;
    }
    for (JsonNode inner : error) {
      if (inner instanceof ObjectNode object && textOf(object).isPresent()) {
        return textOf(object);
      }
      if (inner.isString() && error.size() == 1) {
        return Optional.of(inner.stringValue());
      }
    }
    return Optional.empty();
  }

  private static Optional<String> textOf(ObjectNode object) {
    return FIELDS.stream()
        .map(object::get)
        .filter(value -> value != null && value.isString() && !value.stringValue().isBlank())
        .map(JsonNode::stringValue)
        .findFirst();
  }
}
