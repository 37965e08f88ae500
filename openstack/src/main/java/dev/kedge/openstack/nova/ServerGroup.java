package dev.kedge.openstack.nova;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Servers that should share a host, or should not.
 *
 * @param policy {@code affinity}, {@code anti-affinity}, {@code soft-affinity}, ...
 * @param memberIds servers
 */
public record ServerGroup(
    String id, String name, String policy, List<String> memberIds, ObjectNode raw)
    implements ApiResource {

  /** Reads a group, from an answer or from what was kept of one. */
  public static ServerGroup of(ApiObject json) {
    return new ServerGroup(
        json.text("id"), json.text("name"), json.text("policy"), json.texts("members"), json.raw());
  }
}
