package dev.kedge.openstack.neutron;

import dev.kedge.openstack.client.ApiObject;
import java.util.List;

/** An address of a port. */
public record FixedIp(String subnetId, String address) {
  static List<FixedIp> listOf(ApiObject json, String field) {
    return json.objectsOrEmpty(field).stream()
        .map(ip -> new FixedIp(ip.text("subnet_id"), ip.text("ip_address")))
        .toList();
  }
}
