package dev.kedge.openstack.restore;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.OpenStackException;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.FixedIp;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.neutron.Router;
import dev.kedge.openstack.neutron.Subnet;
import dev.kedge.openstack.restore.plan.Choice;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.openstack.restore.plan.RestorePlan;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes networks, their subnets, and the routers between them. One thread. */
final class NetworkSteps {
  private final Neutron neutron;
  private final Origin origin;
  private final RestorePlan plan;
  private final Maker maker;
  private final Targets targets;

  NetworkSteps(OpenStack cloud, Origin origin, RestorePlan plan, Maker maker, Targets targets) {
    this.neutron = cloud.neutron();
    this.origin = origin;
    this.plan = plan;
    this.maker = maker;
    this.targets = targets;
  }

  void run() {
    eachCreated(plan.networks(), origin.networks(), this::network);
    eachCreated(plan.subnets(), origin.subnets(), this::subnet);
    eachCreated(plan.routers(), origin.routers(), this::router);
    plan.routers()
        .forEach((id, choice) -> {
          if (!choice.isLeave()) {
            origin.interfaces(id).forEach(port -> connect(id, port));
          }
        });
    eachCreated(plan.routers(), origin.routers(), this::routes);
  }

  private static <T> void eachCreated(
      Map<String, Choice> choices, Map<String, T> originals, Consumer<T> make) {
    choices.forEach((id, choice) -> {
      T original = originals.get(id);
      if (original != null && choice.isCreate()) {
        make.accept(original);
      }
    });
  }

  private void network(Network original) {
    maker.make(
        ResourceKind.NETWORK,
        original.id(),
        original.name(),
        mark -> {
          ObjectNode fields =
              KeptFields.of(
                  original, "name", "admin_state_up", "port_security_enabled", "dns_domain");
          return neutron.networks().create(fields.put("description", mark)).id();
        });
  }

  private void subnet(Subnet original) {
    targets
        .network(original.networkId())
        .ifPresent(network ->
            maker.make(
                ResourceKind.SUBNET,
                original.id(),
                original.name(),
                mark -> {
                  ObjectNode fields =
                      KeptFields.of(
                          original,
                          "name",
                          "cidr",
                          "ip_version",
                          "enable_dhcp",
                          "allocation_pools",
                          "dns_nameservers",
                          "host_routes",
                          "ipv6_ra_mode",
                          "ipv6_address_mode");
                  fields.put("gateway_ip", original.gateway());
                  fields.put("network_id", network).put("description", mark);
                  return neutron.subnets().create(fields).id();
                }));
  }

  private void router(Router original) {
    maker.make(
        ResourceKind.ROUTER,
        original.id(),
        original.name(),
        mark -> {
          ObjectNode fields = KeptFields.of(original, "name", "admin_state_up");
          String gateway = original.gatewayNetworkId();
          if (gateway != null) {
            targets
                .network(gateway)
                .ifPresent(id ->
                    fields.set("external_gateway_info", ApiJson.object().put("network_id", id)));
          }
          return neutron.routers().create(fields.put("description", mark)).id();
        });
  }

  /** Interfaces on subnets that this restore does not know or leaves out are not made. */
  private void connect(String routerId, Port original) {
    for (FixedIp address : original.fixedIps()) {
      Subnet subnet = origin.subnets().get(address.subnetId());
      if (subnet != null && !RestorePlan.of(plan.subnets(), subnet.id()).isLeave()) {
        connect(routerId, original, subnet, address.address());
      }
    }
  }

  private void connect(String routerId, Port original, Subnet subnet, String address) {
    String router = targets.router(routerId).orElseThrow();
    String target = targets.subnet(subnet.id()).orElseThrow();
    String key = original.id() + " " + subnet.id();
    if (!maker.made(ResourceKind.ROUTER_INTERFACE, key) && isOn(router, target)) {
      return;
    }
    String port =
        maker.make(
            ResourceKind.ROUTER_INTERFACE,
            key,
            "at " + address,
            mark -> neutron.ports().create(interfaceFields(original, subnet, address, mark)).id());
    maker.once(
        "interface " + key,
        () -> {
          if (!isOn(router, target)) {
            addPort(router, target, port);
          }
        });
  }

  /** Sent twice, the second request is refused because of the first. */
  private void addPort(String router, String subnet, String port) {
    try {
      neutron.addRouterPort(router, port);
    } catch (OpenStackException e) {
      if (!isOn(router, subnet)) {
        throw e;
      }
    }
  }

  /** A port, also where the subnet would do: only a port can carry a mark. */
  private ObjectNode interfaceFields(Port original, Subnet subnet, String address, String mark) {
    ObjectNode port = KeptFields.of(original, "name").put("description", mark);
    port.put("network_id", targets.network(subnet.networkId()).orElseThrow());
    port.putArray("security_groups");
    port.putArray("fixed_ips")
        .addObject()
        .put("subnet_id", targets.subnet(subnet.id()).orElseThrow())
        .put("ip_address", address);
    return port;
  }

  private boolean isOn(String router, String subnet) {
    return neutron.ports().list(Query.of("device_id", router)).stream()
        .flatMap(port -> port.fixedIps().stream())
        .anyMatch(ip -> ip.subnetId().equals(subnet));
  }

  /** What carried the restore's mark gets the originals' words back. */
  void settle() {
    for (String routerId : plan.routers().keySet()) {
      for (Port original : origin.interfaces(routerId)) {
        for (FixedIp address : original.fixedIps()) {
          String key = original.id() + " " + address.subnetId();
          if (maker.made(ResourceKind.ROUTER_INTERFACE, key)) {
            neutron
                .ports()
                .update(
                    maker.idOf(ResourceKind.ROUTER_INTERFACE, key),
                    KeptFields.description(original));
          }
        }
      }
    }
  }

  private void routes(Router original) {
    List<Router.Route> routes = original.routes();
    if (!routes.isEmpty()) {
      maker.once(
          "routes of " + original.id(),
          () -> {
            ObjectNode fields = ApiJson.object();
            ArrayNode list = fields.putArray("routes");
            routes.forEach(route ->
                list.addObject()
                    .put("destination", route.destination())
                    .put("nexthop", route.nextHop()));
            neutron.routers().update(maker.idOf(ResourceKind.ROUTER, original.id()), fields);
          });
    }
  }
}
