package dev.kedge.openstack.neutron;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A floating address.
 *
 * @param portId where it leads; null: nowhere
 * @param fixedAddress which of the port's addresses
 */
public record FloatingIp(
    String id,
    String projectId,
    String networkId,
    String address,
    @Nullable String portId,
    @Nullable String fixedAddress,
    List<String> tags,
    ObjectNode raw)
    implements ApiResource {

  /** Reads a floating address, from an answer or from what was kept of one. */
  public static FloatingIp of(ApiObject json) {
    return new FloatingIp(
        json.text("id"),
        json.textOrEmpty("project_id"),
        json.text("floating_network_id"),
        json.text("floating_ip_address"),
        json.textOrNull("port_id"),
        json.textOrNull("fixed_ip_address"),
        json.texts("tags"),
        json.raw());
  }

  /** The address: people call it nothing else. */
  @Override
  public String name() {
    return address;
  }
}
