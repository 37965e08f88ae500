package dev.kedge.openstack.neutron;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A subnet.
 *
 * @param ipVersion 4 or 6
 * @param gateway null: none
 */
public record Subnet(
    String id,
    String name,
    String projectId,
    String networkId,
    String cidr,
    long ipVersion,
    @Nullable String gateway,
    boolean dhcp,
    List<String> dnsServers,
    List<String> tags,
    ObjectNode raw)
    implements ApiResource {

  /** Reads a subnet, from an answer or from what was kept of one. */
  public static Subnet of(ApiObject json) {
    return new Subnet(
        json.text("id"),
        json.textOrEmpty("name"),
        json.textOrEmpty("project_id"),
        json.text("network_id"),
        json.text("cidr"),
        json.number("ip_version"),
        json.textOrNull("gateway_ip"),
        json.flag("enable_dhcp", false),
        json.texts("dns_nameservers"),
        json.texts("tags"),
        json.raw());
  }
}
