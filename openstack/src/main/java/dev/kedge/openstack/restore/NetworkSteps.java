package dev.kedge.openstack.restore;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiJson;
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
      if (subnet == null || RestorePlan.of(plan.subnets(), subnet.id()).isLeave()) {
        continue;
      }
      String router = targets.router(routerId).orElseThrow();
      String target = targets.subnet(subnet.id()).orElseThrow();
      if (maker.made(ResourceKind.ROUTER_INTERFACE, original.id()) || !isOn(router, target)) {
        maker.make(
            ResourceKind.ROUTER_INTERFACE,
            original.id(),
            "at " + address.address(),
            _ -> {
              if (!isOn(router, target)) {
                add(router, target, subnet, address);
              }
              return router + "/" + target;
            });
      }
    }
  }

  private void add(String router, String target, Subnet subnet, FixedIp address) {
    if (address.address().equals(subnet.gateway())) {
      neutron.addRouterSubnet(router, target);
      return;
    }
    ObjectNode port =
        ApiJson.object().put("network_id", targets.network(subnet.networkId()).orElseThrow());
    ArrayNode fixed = port.putArray("fixed_ips");
    fixed.addObject().put("subnet_id", target).put("ip_address", address.address());
    neutron.addRouterPort(router, neutron.ports().create(port).id());
  }

  private boolean isOn(String router, String subnet) {
    return neutron.ports().list(Query.of("device_id", router)).stream()
        .flatMap(port -> port.fixedIps().stream())
        .anyMatch(ip -> ip.subnetId().equals(subnet));
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
