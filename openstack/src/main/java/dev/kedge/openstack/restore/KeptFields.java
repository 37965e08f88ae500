package dev.kedge.openstack.restore;

import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.ApiResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Fields of a request that are taken over from what an API said of the original. */
final class KeptFields {
  private KeptFields() {}

  /** An object with these fields of the original, where they have a value. */
  static ObjectNode of(ApiResource original, String... fields) {
    ObjectNode copy = ApiJson.object();
    for (String field : fields) {
      JsonNode value = original.raw().get(field);
      if (value != null && !value.isNull() && !isEmptyText(value)) {
        copy.set(field, value.deepCopy());
      }
    }
    return copy;
  }

  private static boolean isEmptyText(JsonNode value) {
    return value.isString() && value.stringValue().isEmpty();
  }

  /** The original's description, which the mark took the place of. */
  static ObjectNode description(ApiResource original) {
    JsonNode value = original.raw().get("description");
    return ApiJson.object()
        .put("description", value != null && value.isString() ? value.stringValue() : "");
  }
}
