package dev.kedge.openstack.neutron;

import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiCollection.Spelling;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiPath;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.OpenStackException;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.client.ServiceClient;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * Networks and what belongs to them. Thread-safe. Every method throws {@link OpenStackException}
 * where Neutron does not do what it is asked.
 */
public final class Neutron {
  private final ServiceClient service;
  private final ApiCollection<Network> networks;
  private final ApiCollection<Subnet> subnets;
  private final ApiCollection<Port> ports;
  private final ApiCollection<Router> routers;
  private final ApiCollection<FloatingIp> floatingIps;
  private final ApiCollection<SecurityGroup> securityGroups;
  private final ApiCollection<SecurityGroupRule> securityGroupRules;

  /** Neutron behind a client of NETWORK. */
  public Neutron(ServiceClient service) {
    this.service = service;
    this.networks = collection("network", Network::of);
    this.subnets = collection("subnet", Subnet::of);
    this.ports = collection("port", Port::of);
    this.routers = collection("router", Router::of);
    this.floatingIps = collection("floatingip", FloatingIp::of);
    this.securityGroups = collection("security_group", SecurityGroup::of);
    this.securityGroupRules = collection("security_group_rule", SecurityGroupRule::of);
  }

  private <T extends ApiResource> ApiCollection<T> collection(
      String singular, Function<ApiObject, T> read) {
    String plural = singular + "s";
    return new ApiCollection<>(
        service, Spelling.of("/" + plural.replace('_', '-'), singular, plural), read);
  }

  /** Calls that have no method here. */
  public ServiceClient service() {
    return service;
  }

  /** Networks. */
  public ApiCollection<Network> networks() {
    return networks;
  }

  /** Subnets. */
  public ApiCollection<Subnet> subnets() {
    return subnets;
  }

  /** Ports; those of a server by {@code Query.of("device_id", serverId)}. */
  public ApiCollection<Port> ports() {
    return ports;
  }

  /** Routers. */
  public ApiCollection<Router> routers() {
    return routers;
  }

  /** Floating addresses; those of a port by {@code Query.of("port_id", portId)}. */
  public ApiCollection<FloatingIp> floatingIps() {
    return floatingIps;
  }

  /** Security groups with their rules. */
  public ApiCollection<SecurityGroup> securityGroups() {
    return securityGroups;
  }

  /** Rules of security groups. */
  public ApiCollection<SecurityGroupRule> securityGroupRules() {
    return securityGroupRules;
  }

  /** Connects a router to a subnet by its gateway address. */
  public void addRouterSubnet(String routerId, String subnetId) {
    changeInterface(routerId, "add_router_interface", "subnet_id", subnetId);
  }

  /** Connects a router to a network by a port, which gives it its address. */
  public void addRouterPort(String routerId, String portId) {
    changeInterface(routerId, "add_router_interface", "port_id", portId);
  }

  /** Takes a router off a subnet; throws NOT_FOUND where it is not on it. */
  public void removeRouterSubnet(String routerId, String subnetId) {
    changeInterface(routerId, "remove_router_interface", "subnet_id", subnetId);
  }

  /** Takes a router off a network, and deletes the port by which it was on it. */
  public void removeRouterPort(String routerId, String portId) {
    changeInterface(routerId, "remove_router_interface", "port_id", portId);
  }

  private void changeInterface(String routerId, String call, String key, String id) {
    ObjectNode body = ApiJson.object().put(key, id);
    service.put(ApiPath.of("routers", routerId, call), body);
  }

  /**
   * Replaces the tags of an object.
   *
   * @param kind as in the URL: {@code ports}, {@code security-groups}
   */
  public void setTags(String kind, String id, List<String> tags) {
    service.store(ApiPath.of(kind, id, "tags"), ApiJson.wrap("tags", ApiJson.texts(tags)));
  }

  /** The names of the API's extensions: {@code allowed-address-pairs}, {@code extraroute}, ... */
  public Set<String> extensions() {
    return service.list("/extensions", Query.none(), "extensions").stream()
        .map(extension -> extension.text("alias"))
        .collect(Collectors.toUnmodifiableSet());
  }
}
