package dev.kedge.openstack.cinder;

import dev.kedge.openstack.client.ApiJson;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A volume to be made.
 *
 * @param type name or id; null: Cinder's default
 * @param imageId made from this image; null: empty
 * @param snapshotId made from this snapshot; null: empty
 */
public record VolumeSpec(
    String name,
    @Nullable String description,
    long sizeGib,
    @Nullable String type,
    @Nullable String availabilityZone,
    Map<String, String> metadata,
    @Nullable String imageId,
    @Nullable String snapshotId) {

  /** Copies the metadata. */
  public VolumeSpec {
    metadata = Map.copyOf(metadata);
  }

  /** An empty volume. */
  public static VolumeSpec empty(String name, long sizeGib, @Nullable String type) {
    return new VolumeSpec(name, null, sizeGib, type, null, Map.of(), null, null);
  }

  /** The same with other metadata. */
  public VolumeSpec withMetadata(Map<String, String> other) {
    return new VolumeSpec(
        name, description, sizeGib, type, availabilityZone, other, imageId, snapshotId);
  }

  ObjectNode json() {
    ObjectNode json = ApiJson.object().put("name", name).put("size", sizeGib);
    json.put("description", description);
    json.put("volume_type", type);
    json.put("availability_zone", availabilityZone);
    json.put("imageRef", imageId);
    json.put("snapshot_id", snapshotId);
    json.set("metadata", ApiJson.texts(metadata));
    return json.removeNulls();
  }
}
