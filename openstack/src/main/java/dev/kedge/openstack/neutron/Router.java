package dev.kedge.openstack.neutron;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A router. Its interfaces are ports with its id as device.
 *
 * @param gatewayNetworkId the external network; null: none
 */
public record Router(
    String id,
    String name,
    String projectId,
    @Nullable String gatewayNetworkId,
    List<Route> routes,
    List<String> tags,
    ObjectNode raw)
    implements ApiResource {

  /** A static route. */
  public record Route(String destination, String nextHop) {}

  /** Reads a router, from an answer or from what was kept of one. */
  public static Router of(ApiObject json) {
    ApiObject gateway = json.objectOrNull("external_gateway_info");
    return new Router(
        json.text("id"),
        json.textOrEmpty("name"),
        json.textOrEmpty("project_id"),
        gateway == null ? null : gateway.textOrNull("network_id"),
        json.objectsOrEmpty("routes").stream()
            .map(route -> new Route(route.text("destination"), route.text("nexthop")))
            .toList(),
        json.texts("tags"),
        json.raw());
  }
}
