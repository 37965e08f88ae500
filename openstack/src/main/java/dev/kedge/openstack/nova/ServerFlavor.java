package dev.kedge.openstack.nova;

import dev.kedge.openstack.client.ApiObject;
import java.util.Map;

/**
 * The flavour as a server carries it: a copy from when it was made, without the flavour's id.
 *
 * @param extraSpecs empty where the caller may not see them
 */
public record ServerFlavor(
    String name,
    long vcpus,
    long ramMib,
    long rootDiskGib,
    long ephemeralGib,
    long swapMib,
    Map<String, String> extraSpecs) {

  /** Reads {@code server.flavor}. */
  static ServerFlavor of(ApiObject json) {
    return new ServerFlavor(
        json.text("original_name"),
        json.number("vcpus"),
        json.number("ram"),
        json.number("disk"),
        json.number("ephemeral"),
        json.number("swap", 0),
        json.textMap("extra_specs"));
  }
}
