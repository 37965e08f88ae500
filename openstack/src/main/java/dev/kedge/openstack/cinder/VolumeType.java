package dev.kedge.openstack.cinder;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A volume type.
 *
 * @param extraSpecs those that the caller may see
 * @param qosSpecsId operators only
 */
public record VolumeType(
    String id,
    String name,
    boolean isPublic,
    Map<String, String> extraSpecs,
    @Nullable String qosSpecsId,
    ObjectNode raw)
    implements ApiResource {

  /** Reads a type, from an answer or from what was kept of one. */
  public static VolumeType of(ApiObject json) {
    return new VolumeType(
        json.text("id"),
        json.text("name"),
        json.flag("is_public", true),
        json.textMap("extra_specs"),
        json.textOrNull("qos_specs_id"),
        json.raw());
  }

  /** The backend that it asks for; null: any, or not for the caller to see. */
  public @Nullable String backendName() {
    return extraSpecs.get("volume_backend_name");
  }
}
