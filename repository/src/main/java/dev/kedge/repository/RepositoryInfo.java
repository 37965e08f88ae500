package dev.kedge.repository;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * What was fixed when a repository was made. Format version 1.
 *
 * @param id the repository
 * @param createdAt when, by its maker's clock
 * @param options fixed settings by name; none so far
 */
public record RepositoryInfo(UUID id, Instant createdAt, Map<String, String> options) {
  static final String NAME = "kedge.json";
  private static final int FORMAT_VERSION = 1;

  /** Copies the options. */
  public RepositoryInfo {
    options = Map.copyOf(options);
  }

  byte[] toBytes() {
    ObjectNode json = SealedJson.newObject();
    json.put("formatVersion", FORMAT_VERSION)
        .put("repositoryId", id.toString())
        .put("createdAt", createdAt.toString());
    ObjectNode optionsJson = json.putObject("options");
    new TreeMap<>(options).forEach(optionsJson::put);
    return SealedJson.seal(json);
  }

  static RepositoryInfo parse(byte[] bytes, String name) {
    JsonFields json = new JsonFields(SealedJson.unseal(bytes, name), name);
    json.requireVersion("formatVersion", FORMAT_VERSION);
    return new RepositoryInfo(
        json.uuid("repositoryId"), json.instant("createdAt"), json.object("options").texts());
  }
}
