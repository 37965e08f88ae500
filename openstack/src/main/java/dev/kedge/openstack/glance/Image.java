package dev.kedge.openstack.glance;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Waiter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * An image.
 *
 * @param status {@code queued}, {@code saving}, {@code active}, {@code killed}, ...
 * @param sizeBytes of the stored file; 0 where nothing is stored yet
 * @param properties those that are not Glance's own: {@code hw_qemu_guest_agent}, {@code os_distro}
 */
public record Image(
    String id,
    String name,
    String status,
    @Nullable String diskFormat,
    @Nullable String containerFormat,
    long minDiskGib,
    long minRamMib,
    String visibility,
    @Nullable String owner,
    long sizeBytes,
    @Nullable String hashAlgorithm,
    @Nullable String hashValue,
    List<String> tags,
    Map<String, String> properties,
    ObjectNode raw)
    implements ApiResource {

  /** Glance mixes the user's properties with its own. */
  private static final Set<String> OWN =
      Set.of(
          "id",
          "name",
          "status",
          "disk_format",
          "container_format",
          "min_disk",
          "min_ram",
          "visibility",
          "owner",
          "size",
          "virtual_size",
          "checksum",
          "os_hash_algo",
          "os_hash_value",
          "os_hidden",
          "protected",
          "tags",
          "created_at",
          "updated_at",
          "file",
          "self",
          "schema",
          "direct_url",
          "locations",
          "stores");

  /** Reads an image, from an answer or from what was kept of one. */
  public static Image of(ApiObject json) {
    return new Image(
        json.text("id"),
        json.textOrEmpty("name"),
        json.text("status"),
        json.textOrNull("disk_format"),
        json.textOrNull("container_format"),
        json.number("min_disk", 0),
        json.number("min_ram", 0),
        json.textOrEmpty("visibility"),
        json.textOrNull("owner"),
        json.number("size", 0),
        json.textOrNull("os_hash_algo"),
        json.textOrNull("os_hash_value"),
        json.texts("tags"),
        properties(json),
        json.raw());
  }

  private static Map<String, String> properties(ApiObject json) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (var field : json.raw().properties()) {
      if (!OWN.contains(field.getKey()) && field.getValue().isString()) {
        properties.put(field.getKey(), field.getValue().stringValue());
      }
    }
    return properties;
  }

  /** For a {@link Waiter}; Glance says {@code killed} where others say error. */
  public Waiter.State state() {
    return new Waiter.State(status.equals("killed") ? "error (killed)" : status, "");
  }
}
