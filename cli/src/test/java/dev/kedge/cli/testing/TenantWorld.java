package dev.kedge.cli.testing;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeSpec;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.FloatingIp;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.neutron.Router;
import dev.kedge.openstack.neutron.SecurityGroup;
import dev.kedge.openstack.neutron.SecurityGroupRule;
import dev.kedge.openstack.neutron.Subnet;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.nova.ServerGroup;
import dev.kedge.openstack.testing.LabCloud;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tenant's server that boots from a volume, and of its own everything that a server can hang on:
 * network, router, floating address, groups, key pair. Nothing runs in it, so that it comes and
 * goes quickly. One thread.
 */
public final class TenantWorld {
  /** The public half of a key that nobody has. */
  private static final String PUBLIC_KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7V3vQf1fYzr3r4xQe0u1PqRkT1h8m9m0y0y3nJmS1b it";

  private static final String ADDRESS = "10.77.0.50";

  private final LabCloud lab;
  private final OpenStack cloud;
  private final Neutron neutron;
  private final String serverId;

  /** Makes one; it goes when the cloud is closed. */
  public TenantWorld(LabCloud lab) {
    this.lab = lab;
    this.cloud = lab.demo();
    this.neutron = cloud.neutron();
    lab.later(leftovers()::remove);
    network();
    String port = port(securityGroups());
    floatingAddress(port);
    cloud.nova().importKeyPair(lab.name("key"), "ssh", PUBLIC_KEY);
    this.serverId = server(port, volume());
  }

  /** What of it, or of restores of it, is in its project. */
  public Leftovers leftovers() {
    return new Leftovers(lab, cloud, lab.name(""));
  }

  /** The server's name. */
  public String serverName() {
    return lab.name("server");
  }

  /** The id of the server that was made first. */
  public String serverId() {
    return serverId;
  }

  private void network() {
    String network =
        neutron
            .networks()
            .create(ApiJson.object().put("name", lab.name("net")).put("description", "a network"))
            .id();
    ObjectNode subnet =
        ApiJson.object()
            .put("name", lab.name("subnet"))
            .put("network_id", network)
            .put("cidr", "10.77.0.0/24")
            .put("ip_version", 4);
    subnet.putArray("dns_nameservers").add("192.0.2.53");
    String subnetId = neutron.subnets().create(subnet).id();
    ObjectNode router = ApiJson.object().put("name", lab.name("router"));
    router.putObject("external_gateway_info").put("network_id", network("public").id());
    String routerId = neutron.routers().create(router).id();
    neutron.addRouterSubnet(routerId, subnetId);
    ObjectNode routes = ApiJson.object();
    routes
        .putArray("routes")
        .addObject()
        .put("destination", "192.0.2.0/24")
        .put("nexthop", "10.77.0.9");
    neutron.routers().update(routerId, routes);
  }

  private Network network(String name) {
    return neutron.networks().byNameOrId(name, Query.none());
  }

  private String securityGroups() {
    String db = securityGroup("db");
    String web = securityGroup("web");
    rule(web, ApiJson.object().put("protocol", "tcp").put("remote_group_id", db));
    rule(web, ApiJson.object().put("protocol", "icmp").put("remote_ip_prefix", "10.0.0.0/8"));
    return web;
  }

  private String securityGroup(String what) {
    ObjectNode fields =
        ApiJson.object().put("name", lab.name(what)).put("description", "a group of the test");
    return neutron.securityGroups().create(fields).id();
  }

  private void rule(String group, ObjectNode fields) {
    neutron
        .securityGroupRules()
        .create(
            fields
                .put("security_group_id", group)
                .put("direction", "ingress")
                .put("ethertype", "IPv4"));
  }

  private String port(String group) {
    ObjectNode port =
        ApiJson.object()
            .put("name", lab.name("port"))
            .put("network_id", network(lab.name("net")).id())
            .put("description", "a port");
    port.putArray("fixed_ips").addObject().put("ip_address", ADDRESS);
    port.putArray("allowed_address_pairs").addObject().put("ip_address", "10.77.0.99");
    port.putArray("security_groups").add(group);
    return neutron.ports().create(port).id();
  }

  private void floatingAddress(String port) {
    neutron
        .floatingIps()
        .create(
            ApiJson.object()
                .put("floating_network_id", network("public").id())
                .put("port_id", port)
                .put("description", lab.name("address")));
  }

  private String volume() {
    Volume volume =
        cloud
            .cinder()
            .create(
                VolumeSpec.empty(lab.name("root"), 1, "ceph")
                    .withMetadata(Map.of("of", "the test")));
    lab.waiter()
        .until(
            volume.label(),
            () -> cloud.cinder().volumes().get(volume.id()),
            Volume::state,
            Set.of("available"));
    cloud.cinder().setBootable(volume.id(), true);
    cloud.cinder().setImageMetadata(volume.id(), Map.of("hw_rng_model", "virtio"));
    RawDisk.scribble("volumes/volume-" + volume.id(), 1);
    return volume.id();
  }

  private String server(String port, String volume) {
    ServerGroup group =
        cloud
            .nova()
            .serverGroups()
            .create(ApiJson.object().put("name", lab.name("group")).put("policy", "soft-affinity"));
    ObjectNode fields =
        ApiJson.object()
            .put("name", serverName())
            .put("flavorRef", cloud.nova().flavors().byNameOrId("volume", Query.none()).id())
            .put("key_name", lab.name("key"))
            .put("description", "a server");
    fields.putArray("networks").addObject().put("port", port);
    fields
        .putArray("block_device_mapping_v2")
        .addObject()
        .put("source_type", "volume")
        .put("destination_type", "volume")
        .put("uuid", volume)
        .put("boot_index", 0);
    fields.set("metadata", ApiJson.texts(Map.of("role", "test")));
    fields.set("tags", ApiJson.texts(List.of("t1", "t2")));
    String id = cloud.nova().create(fields, ApiJson.object().put("group", group.id()));
    lab.waiter()
        .until(
            "server " + id, () -> cloud.nova().servers().get(id), Server::state, Set.of("ACTIVE"));
    return id;
  }

  /** All that was said of it, in words that are the same for another one like it. */
  public List<String> facts() {
    List<String> facts = networkFacts();
    Server server = cloud.nova().servers().named(serverName(), Query.none()).getFirst();
    facts.add(
        "server %s %s %s %s %s %s %s"
            .formatted(
                server.status(),
                server.metadata(),
                server.tags(),
                server.flavor().name(),
                server.keyName(),
                server.description(),
                server.locked()));
    ServerGroup group =
        cloud.nova().serverGroups().named(lab.name("group"), Query.none()).getFirst();
    facts.add("group %s %s".formatted(group.policy(), group.memberIds().contains(server.id())));
    facts.add(
        "key "
            + cloud.nova().keyPair(lab.name("key"), null).map(key -> key.fingerprint()).orElse(""));
    Port port = neutron.ports().list(Query.of("device_id", server.id())).getFirst();
    facts.add(
        "port %s %s %s %s %s %s"
            .formatted(
                port.name(),
                port.macAddress(),
                port.fixedIps().getFirst().address(),
                groupNames().get(port.securityGroupIds().getFirst()),
                port.raw().get("description"),
                port.raw().get("allowed_address_pairs")));
    List<FloatingIp> addresses = neutron.floatingIps().list(Query.of("port_id", port.id()));
    addresses.forEach(address -> facts.add("address " + address.raw().get("description")));
    for (var attachment : cloud.nova().volumeAttachments(server.id())) {
      Volume volume = cloud.cinder().volumes().get(attachment.volumeId());
      facts.add(
          "volume %s %d %s %s %s %s %s"
              .formatted(
                  volume.name(),
                  volume.sizeGib(),
                  volume.typeName(),
                  volume.metadata(),
                  volume.bootable(),
                  volume.imageMetadata(),
                  attachment.device()));
      facts.add("content " + RawDisk.digest("volumes/volume-" + volume.id()));
    }
    return facts;
  }

  /** The same of networks and groups alone. */
  public List<String> networkFacts() {
    List<String> facts = new ArrayList<>();
    Network network = network(lab.name("net"));
    facts.add("network " + network.raw().get("description"));
    for (Subnet subnet : neutron.subnets().list(Query.of("network_id", network.id()))) {
      facts.add(
          "subnet %s %s %s %s %s"
              .formatted(
                  subnet.name(),
                  subnet.cidr(),
                  subnet.gateway(),
                  subnet.raw().get("dns_nameservers"),
                  subnet.raw().get("allocation_pools")));
    }
    Router router = neutron.routers().named(lab.name("router"), Query.none()).getFirst();
    facts.add("router %s %s".formatted(router.gatewayNetworkId(), router.routes()));
    neutron.ports().list(Query.of("device_id", router.id())).stream()
        .filter(port -> port.deviceOwner().startsWith("network:router_interface"))
        .forEach(port ->
            facts.add(
                "interface %s %s"
                    .formatted(
                        port.fixedIps().getFirst().address(), port.raw().get("description"))));
    facts.addAll(groupFacts());
    return facts;
  }

  private List<String> groupFacts() {
    Map<String, String> names = groupNames();
    List<String> facts = new ArrayList<>();
    for (SecurityGroup group : neutron.securityGroups().list(Query.none())) {
      if (group.name().startsWith(lab.name(""))) {
        facts.add("group %s %s".formatted(group.name(), group.raw().get("description")));
        for (SecurityGroupRule rule : group.rules()) {
          facts.add(
              "rule of %s: %s %s %s %s %s"
                  .formatted(
                      group.name(),
                      rule.direction(),
                      rule.etherType(),
                      rule.protocol(),
                      rule.remotePrefix(),
                      names.get(Objects.requireNonNullElse(rule.remoteGroupId(), ""))));
        }
      }
    }
    Collections.sort(facts);
    return facts;
  }

  private Map<String, String> groupNames() {
    Map<String, String> names = new HashMap<>();
    neutron
        .securityGroups()
        .list(Query.none())
        .forEach(group -> names.put(group.id(), group.name()));
    return names;
  }

  /** One of its groups. */
  public SecurityGroup group(String what) {
    return neutron.securityGroups().named(lab.name(what), Query.none()).getFirst();
  }
}
