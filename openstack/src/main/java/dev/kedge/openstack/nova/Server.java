package dev.kedge.openstack.nova;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Waiter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * An instance. Fields that policy usually shows to operators only are null for others.
 *
 * @param status {@code ACTIVE}, {@code SHUTOFF}, {@code PAUSED}, ...
 * @param taskState what Nova does to it just now; null: nothing
 * @param imageId null: it booted from a volume
 * @param host the compute service's host; operators only
 * @param hypervisorHostname operators only
 * @param instanceName libvirt's domain; operators only
 * @param rootDeviceName {@code /dev/vda}; operators only
 * @param userData Base64; operators only
 * @param faultMessage what went wrong, where the status is ERROR
 */
public record Server(
    String id,
    String name,
    String status,
    @Nullable String vmState,
    @Nullable String taskState,
    String projectId,
    String userId,
    @Nullable String imageId,
    ServerFlavor flavor,
    @Nullable String keyName,
    @Nullable String availabilityZone,
    Map<String, String> metadata,
    List<String> tags,
    List<String> serverGroupIds,
    List<String> securityGroupNames,
    boolean configDrive,
    boolean locked,
    @Nullable String description,
    @Nullable String host,
    @Nullable String hypervisorHostname,
    @Nullable String instanceName,
    @Nullable String rootDeviceName,
    @Nullable String userData,
    String faultMessage,
    ObjectNode raw)
    implements ApiResource {
  private static final String ATTRIBUTE = "OS-EXT-SRV-ATTR:";

  /** Reads a server, from an answer or from what was kept of one. */
  public static Server of(ApiObject json) {
    ApiObject image = json.objectOrNull("image");
    ApiObject fault = json.objectOrNull("fault");
    return new Server(
        json.text("id"),
        json.textOrEmpty("name"),
        json.text("status"),
        json.textOrNull("OS-EXT-STS:vm_state"),
        json.textOrNull("OS-EXT-STS:task_state"),
        json.text("tenant_id"),
        json.text("user_id"),
        image == null ? null : image.text("id"),
        ServerFlavor.of(json.object("flavor")),
        json.textOrNull("key_name"),
        json.textOrNull("OS-EXT-AZ:availability_zone"),
        json.textMap("metadata"),
        json.texts("tags"),
        json.texts("server_groups"),
        json.objectsOrEmpty("security_groups").stream().map(group -> group.text("name")).toList(),
        json.flag("config_drive", false),
        json.flag("locked", false),
        json.textOrNull("description"),
        json.textOrNull(ATTRIBUTE + "host"),
        json.textOrNull(ATTRIBUTE + "hypervisor_hostname"),
        json.textOrNull(ATTRIBUTE + "instance_name"),
        json.textOrNull(ATTRIBUTE + "root_device_name"),
        json.textOrNull(ATTRIBUTE + "user_data"),
        fault == null ? "" : fault.textOrEmpty("message"),
        json.raw());
  }

  /** For a {@link Waiter}. */
  public Waiter.State state() {
    return new Waiter.State(status, faultMessage);
  }

  /** For messages: {@code server web1 (<id>)}. */
  public String label() {
    return "server " + name + " (" + id + ")";
  }
}
