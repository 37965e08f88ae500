package dev.kedge.openstack.capture;

import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.FloatingIp;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.neutron.Router;
import dev.kedge.openstack.neutron.SecurityGroup;
import dev.kedge.openstack.neutron.SecurityGroupRule;
import dev.kedge.openstack.neutron.Subnet;
import dev.kedge.openstack.nova.Server;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Asks Neutron for a server's ports and all that they hang on. One thread. */
final class NetworkCapture {
  /** The owners of a router's interfaces, by kind of router. */
  private static final List<String> ROUTER_INTERFACES =
      List.of(
          "network:router_interface",
          "network:router_interface_distributed",
          "network:ha_router_replicated_interface");

  private final Neutron neutron;
  private final Questions questions;

  NetworkCapture(Neutron neutron, Questions questions) {
    this.neutron = neutron;
    this.questions = questions;
  }

  void capture(Server server, InstanceMetadata metadata) {
    List<Port> ports = neutron.ports().list(Query.of("device_id", server.id()));
    put(metadata, InstanceMetadata.PORTS, ports);
    Set<String> networkIds = new LinkedHashSet<>();
    ports.forEach(port -> networkIds.add(port.networkId()));
    List<Port> routerPorts = routerPorts(networkIds);
    List<Router> routers =
        found("router", neutron.routers(), ids(routerPorts.stream().map(Port::deviceId).toList()));
    put(metadata, InstanceMetadata.ROUTERS, routers);
    put(metadata, InstanceMetadata.ROUTER_PORTS, allInterfaces(routers));
    List<FloatingIp> floating =
        ports.stream()
            .flatMap(port -> neutron.floatingIps().list(Query.of("port_id", port.id())).stream())
            .toList();
    put(metadata, InstanceMetadata.FLOATING_IPS, floating);
    floating.forEach(address -> networkIds.add(address.networkId()));
    routers.stream()
        .map(Router::gatewayNetworkId)
        .filter(Objects::nonNull)
        .forEach(networkIds::add);
    put(metadata, InstanceMetadata.NETWORKS, found("network", neutron.networks(), networkIds));
    put(metadata, InstanceMetadata.SUBNETS, subnets(networkIds));
    put(metadata, InstanceMetadata.SECURITY_GROUPS, securityGroups(ports));
  }

  private List<Port> routerPorts(Set<String> networkIds) {
    List<Port> found = new ArrayList<>();
    for (String network : networkIds) {
      for (String owner : ROUTER_INTERFACES) {
        found.addAll(
            neutron.ports().list(Query.of("network_id", network).and("device_owner", owner)));
      }
    }
    return found;
  }

  /** Without gateway ports, which Neutron makes itself. */
  private List<Port> allInterfaces(List<Router> routers) {
    return routers.stream()
        .flatMap(router -> neutron.ports().list(Query.of("device_id", router.id())).stream())
        .filter(port -> ROUTER_INTERFACES.contains(port.deviceOwner()))
        .toList();
  }

  private List<Subnet> subnets(Set<String> networkIds) {
    return networkIds.stream()
        .flatMap(id -> neutron.subnets().list(Query.of("network_id", id)).stream())
        .toList();
  }

  /** Those of the ports, and those that their rules refer to, and so on. */
  private List<SecurityGroup> securityGroups(List<Port> ports) {
    Map<String, SecurityGroup> found = new LinkedHashMap<>();
    Deque<String> wanted = new ArrayDeque<>();
    Set<String> asked = new LinkedHashSet<>();
    ports.forEach(port -> wanted.addAll(port.securityGroupIds()));
    while (!wanted.isEmpty()) {
      String id = wanted.remove();
      if (asked.add(id)) {
        questions
            .ask("security group " + id, () -> neutron.securityGroups().find(id))
            .ifPresent(group -> {
              found.put(id, group);
              group.rules().stream()
                  .map(SecurityGroupRule::remoteGroupId)
                  .filter(Objects::nonNull)
                  .forEach(wanted::add);
            });
      }
    }
    return List.copyOf(found.values());
  }

  private <T extends ApiResource> List<T> found(
      String kind, ApiCollection<T> collection, Collection<String> ids) {
    return ids.stream()
        .flatMap(id -> questions.ask(kind + " " + id, () -> collection.find(id)).stream())
        .toList();
  }

  private static Set<String> ids(List<String> ids) {
    return new LinkedHashSet<>(ids);
  }

  private static void put(
      InstanceMetadata metadata, String field, List<? extends ApiResource> objects) {
    metadata.put(field, objects.stream().map(ApiResource::raw).toList());
  }
}
