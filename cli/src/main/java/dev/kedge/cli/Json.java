package dev.kedge.cli;

import dev.kedge.repository.Manifest;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The JSON that the command line prints. Field names are part of its contract (docs/cli.md). */
final class Json {
  private static final JsonMapper MAPPER = new JsonMapper();

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static String text(JsonNode node) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }

  static String kind(Manifest point) {
    return point.kind().name().toLowerCase(Locale.ROOT);
  }

  /** What every command says of a restore point. */
  static ObjectNode restorePoint(Manifest point, String file) {
    Manifest.Counts counts = point.counts();
    ObjectNode node = object();
    node.put("restorePoint", point.id().toString());
    node.put("kind", kind(point));
    node.put("parent", point.parent() == null ? null : point.parent().toString());
    node.put("image", point.image().identity().toString());
    node.put("snapshot", point.snapshot().name());
    node.put("createdAt", point.createdAt().toString());
    node.put("sequence", point.sequence());
    node.put("sizeBytes", point.sizeBytes());
    node.put("changedBytes", counts.changedBytes());
    node.put("readBytes", counts.readBytes());
    node.put("storedBytes", counts.storedBytes());
    node.put("zeroBytes", counts.zeroBytes());
    node.put("file", file);
    node.put("fileBytes", point.file().lengthBytes());
    node.put("clusterSizeBytes", point.file().clusterSizeBytes());
    node.put("compression", point.file().compression());
    node.put("durationSeconds", point.durationSeconds());
    return node;
  }
}
