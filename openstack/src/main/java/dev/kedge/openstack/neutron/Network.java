package dev.kedge.openstack.neutron;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A network.
 *
 * @param external whether routers can use it as a gateway
 */
public record Network(
    String id,
    String name,
    String projectId,
    boolean shared,
    boolean external,
    List<String> subnetIds,
    List<String> tags,
    ObjectNode raw)
    implements ApiResource {

  /** Reads a network, from an answer or from what was kept of one. */
  public static Network of(ApiObject json) {
    return new Network(
        json.text("id"),
        json.textOrEmpty("name"),
        json.textOrEmpty("project_id"),
        json.flag("shared", false),
        json.flag("router:external", false),
        json.texts("subnets"),
        json.texts("tags"),
        json.raw());
  }
}
