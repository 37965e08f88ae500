package dev.kedge.openstack.neutron;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Waiter;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A port.
 *
 * @param deviceId the server's or router's id; may be empty
 * @param deviceOwner {@code compute:nova}, {@code network:router_interface}, ...; may be empty
 */
public record Port(
    String id,
    String name,
    String projectId,
    String networkId,
    String status,
    String macAddress,
    List<FixedIp> fixedIps,
    List<String> securityGroupIds,
    boolean portSecurity,
    String deviceId,
    String deviceOwner,
    List<String> tags,
    ObjectNode raw)
    implements ApiResource {

  /** Reads a port, from an answer or from what was kept of one. */
  public static Port of(ApiObject json) {
    return new Port(
        json.text("id"),
        json.textOrEmpty("name"),
        json.textOrEmpty("project_id"),
        json.text("network_id"),
        json.textOrEmpty("status"),
        json.text("mac_address"),
        FixedIp.listOf(json, "fixed_ips"),
        json.texts("security_groups"),
        json.flag("port_security_enabled", true),
        json.textOrEmpty("device_id"),
        json.textOrEmpty("device_owner"),
        json.texts("tags"),
        json.raw());
  }

  /** For a {@link Waiter}. */
  public Waiter.State state() {
    return new Waiter.State(status, "");
  }
}
