package dev.kedge.openstack.cinder;

import dev.kedge.openstack.client.ApiJson;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * An RBD image that Cinder shall make its own. For operators; the volume comes to the project of
 * the token.
 *
 * @param host {@code host@backend#pool}
 * @param imageName in the backend's pool; Cinder renames it
 * @param type name or id; null: Cinder's default
 */
public record ManageSpec(
    String host,
    String imageName,
    String name,
    @Nullable String description,
    @Nullable String type,
    @Nullable String availabilityZone,
    boolean bootable,
    Map<String, String> metadata) {

  /** Copies the metadata. */
  public ManageSpec {
    metadata = Map.copyOf(metadata);
  }

  ObjectNode json() {
    ObjectNode json = ApiJson.object().put("host", host).put("name", name);
    json.set("ref", ApiJson.object().put("source-name", imageName));
    json.put("description", description);
    json.put("volume_type", type);
    json.put("availability_zone", availabilityZone);
    json.put("bootable", bootable);
    json.set("metadata", ApiJson.texts(metadata));
    return json.removeNulls();
  }
}
