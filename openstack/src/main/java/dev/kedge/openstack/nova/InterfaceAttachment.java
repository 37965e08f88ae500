package dev.kedge.openstack.nova;

import dev.kedge.openstack.client.ApiObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A port at a server, as Nova sees it. */
public record InterfaceAttachment(
    String portId,
    String networkId,
    String macAddress,
    List<String> fixedAddresses,
    @Nullable String tag,
    ObjectNode raw) {

  /** Reads an attachment, from an answer or from what was kept of one. */
  public static InterfaceAttachment of(ApiObject json) {
    return new InterfaceAttachment(
        json.text("port_id"),
        json.text("net_id"),
        json.text("mac_addr"),
        json.objectsOrEmpty("fixed_ips").stream().map(ip -> ip.text("ip_address")).toList(),
        json.textOrNull("tag"),
        json.raw());
  }
}
