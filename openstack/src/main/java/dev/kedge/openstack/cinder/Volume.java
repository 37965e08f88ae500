package dev.kedge.openstack.cinder;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Waiter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A volume. Fields that policy usually shows to operators only are null for others.
 *
 * @param typeName null: it has no type
 * @param encryptionKeyId where Barbican keeps its key; null: not encrypted, or Cinder before 3.64
 * @param imageMetadata of the image that it was made from, or that was set since
 * @param host {@code host@backend#pool}; operators only
 * @param nameId under which its data lies after a migration; null: under its id. Operators only
 * @param projectId operators only
 */
public record Volume(
    String id,
    String name,
    @Nullable String description,
    String status,
    long sizeGib,
    @Nullable String typeName,
    @Nullable String typeId,
    boolean bootable,
    boolean multiattach,
    boolean encrypted,
    @Nullable String encryptionKeyId,
    @Nullable String availabilityZone,
    Map<String, String> metadata,
    Map<String, String> imageMetadata,
    List<VolumeUse> uses,
    @Nullable String host,
    @Nullable String nameId,
    @Nullable String migrationStatus,
    @Nullable String projectId,
    ObjectNode raw)
    implements ApiResource {

  /** Reads a volume, from an answer or from what was kept of one. */
  public static Volume of(ApiObject json) {
    return new Volume(
        json.text("id"),
        json.textOrEmpty("name"),
        json.textOrNull("description"),
        json.text("status"),
        json.number("size"),
        json.textOrNull("volume_type"),
        json.textOrNull("volume_type_id"),
        json.flag("bootable", false),
        json.flag("multiattach", false),
        json.flag("encrypted", false),
        json.textOrNull("encryption_key_id"),
        json.textOrNull("availability_zone"),
        json.textMap("metadata"),
        json.textMap("volume_image_metadata"),
        json.objectsOrEmpty("attachments").stream().map(VolumeUse::of).toList(),
        json.textOrNull("os-vol-host-attr:host"),
        json.textOrNull("os-vol-mig-status-attr:name_id"),
        json.textOrNull("os-vol-mig-status-attr:migstat"),
        json.textOrNull("os-vol-tenant-attr:tenant_id"),
        json.raw());
  }

  /** For a {@link Waiter}. */
  public Waiter.State state() {
    return new Waiter.State(status, "Cinder's log and 'openstack volume message list' say why");
  }

  /** For messages: {@code volume data (<id>)}. */
  public String label() {
    return "volume " + (name.isEmpty() ? "" : name + " ") + "(" + id + ")";
  }
}
