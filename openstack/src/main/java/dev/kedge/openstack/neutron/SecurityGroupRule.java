package dev.kedge.openstack.neutron;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A rule of a security group. Null means any.
 *
 * @param direction {@code ingress} or {@code egress}
 * @param etherType {@code IPv4} or {@code IPv6}
 * @param portMin for ICMP the type
 * @param portMax for ICMP the code
 */
public record SecurityGroupRule(
    String id,
    String securityGroupId,
    String direction,
    String etherType,
    @Nullable String protocol,
    @Nullable Long portMin,
    @Nullable Long portMax,
    @Nullable String remotePrefix,
    @Nullable String remoteGroupId,
    @Nullable String description,
    ObjectNode raw)
    implements ApiResource {

  /** Reads a rule, from an answer or from what was kept of one. */
  public static SecurityGroupRule of(ApiObject json) {
    return new SecurityGroupRule(
        json.text("id"),
        json.text("security_group_id"),
        json.text("direction"),
        json.text("ethertype"),
        json.textOrNull("protocol"),
        json.has("port_range_min") ? json.number("port_range_min") : null,
        json.has("port_range_max") ? json.number("port_range_max") : null,
        json.textOrNull("remote_ip_prefix"),
        json.textOrNull("remote_group_id"),
        json.textOrNull("description"),
        json.raw());
  }

  /** Rules have no names. */
  @Override
  public String name() {
    return "";
  }
}
