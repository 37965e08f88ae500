package dev.kedge.openstack.nova;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** A flavour as it can be chosen now. */
public record Flavor(
    String id,
    String name,
    long vcpus,
    long ramMib,
    long rootDiskGib,
    long ephemeralGib,
    long swapMib,
    boolean isPublic,
    Map<String, String> extraSpecs,
    ObjectNode raw)
    implements ApiResource {

  /** Reads a flavour, from an answer or from what was kept of one. */
  public static Flavor of(ApiObject json) {
    return new Flavor(
        json.text("id"),
        json.text("name"),
        json.number("vcpus"),
        json.number("ram"),
        json.number("disk"),
        json.number("OS-FLV-EXT-DATA:ephemeral", 0),
        json.number("swap", 0),
        json.flag("os-flavor-access:is_public", true),
        json.textMap("extra_specs"),
        json.raw());
  }

  /** Whether it gives a guest the same as the one that a server carries. */
  public boolean sameSizesAs(ServerFlavor other) {
    return vcpus == other.vcpus()
        && ramMib == other.ramMib()
        && rootDiskGib == other.rootDiskGib()
        && ephemeralGib == other.ephemeralGib()
        && swapMib == other.swapMib();
  }
}
