package dev.kedge.cli.testing;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.neutron.Router;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.testing.LabCloud;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything in a project that carries a test's mark in any of its fields. One thread. */
public final class Leftovers {
  private static final String OPERATOR = "admin";

  private final LabCloud lab;
  private final OpenStack cloud;
  private final String mark;

  /** Of a project of the lab. */
  public Leftovers(LabCloud lab, OpenStack cloud, String mark) {
    this.lab = lab;
    this.cloud = cloud;
    this.mark = mark;
  }

  /** Kinds and ids of all of it; its restores' doing among it, for they copy names. */
  public Set<String> all() {
    Neutron neutron = cloud.neutron();
    Set<String> found = new TreeSet<>();
    add(found, "server", servers().stream());
    add(found, "volume", volumes().stream());
    add(found, "port", ports().stream());
    add(found, "network", networks().stream());
    add(found, "router", routers().stream());
    add(found, "subnet", marked(neutron.subnets().list(Query.none())));
    add(found, "security group", marked(neutron.securityGroups().list(Query.none())));
    add(found, "floating address", marked(neutron.floatingIps().list(Query.none())));
    add(found, "server group", marked(cloud.nova().serverGroups().list(Query.none())));
    add(found, "image", marked(cloud.glance().images().list(Query.none())));
    add(found, "flavour", marked(cloud.nova().flavors().list(Query.of("is_public", "None"))));
    keyPairs().forEach(name -> found.add("key pair " + name));
    return found;
  }

  private static void add(Set<String> found, String kind, Stream<? extends ApiResource> objects) {
    objects.forEach(object -> found.add(kind + " " + object.name() + " " + object.id()));
  }

  private <T extends ApiResource> Stream<T> marked(List<T> objects) {
    return objects.stream().filter(object -> object.raw().toString().contains(mark));
  }

  private List<Server> servers() {
    return marked(cloud.nova().servers().list(Query.none())).toList();
  }

  private List<Volume> volumes() {
    return marked(cloud.cinder().volumes().list(Query.none())).toList();
  }

  private List<Network> networks() {
    return marked(cloud.neutron().networks().list(Query.none())).toList();
  }

  private List<Router> routers() {
    return marked(cloud.neutron().routers().list(Query.none())).toList();
  }

  /** Those in its networks too, but for those that Neutron makes when it likes. */
  private List<Port> ports() {
    Set<String> networks = networks().stream().map(Network::id).collect(Collectors.toSet());
    return cloud.neutron().ports().list(Query.none()).stream()
        .filter(port -> networks.contains(port.networkId()) || port.raw().toString().contains(mark))
        .filter(port -> !port.deviceOwner().equals("network:dhcp"))
        .toList();
  }

  private List<String> keyPairs() {
    return cloud.nova().service().list("/os-keypairs", Query.none(), "keypairs").stream()
        .map(wrapped -> wrapped.object("keypair").text("name"))
        .filter(name -> name.contains(mark))
        .toList();
  }

  /** Removes all of it. */
  public void remove() {
    Neutron neutron = cloud.neutron();
    for (Server server : servers()) {
      // Nova tries for a minute to remove a disk with a snapshot, and then leaves it behind.
      for (String ending : List.of("", ".eph0", ".eph1")) {
        Programs.status("rbd", "snap", "purge", "vms/" + server.id() + "_disk" + ending);
      }
      cloud.nova().servers().delete(server.id());
    }
    for (Server server : servers()) {
      lab.waiter()
          .untilGone(server.label(), () -> cloud.nova().servers().find(server.id()), Server::state);
    }
    marked(neutron.floatingIps().list(Query.none()))
        .forEach(address -> neutron.floatingIps().delete(address.id()));
    for (Router router : routers()) {
      neutron.routers().update(router.id(), ApiJson.object().set("routes", ApiJson.list()));
      neutron.ports().list(Query.of("device_id", router.id())).stream()
          .filter(port -> port.deviceOwner().startsWith("network:router_interface"))
          .forEach(port -> neutron.removeRouterPort(router.id(), port.id()));
      neutron.routers().delete(router.id());
    }
    ports().forEach(port -> neutron.ports().delete(port.id()));
    networks().forEach(network -> neutron.networks().delete(network.id()));
    for (Volume volume : volumes()) {
      lab.waiter()
          .until(
              volume.label(),
              () -> cloud.cinder().volumes().get(volume.id()),
              Volume::state,
              Set.of("available"));
      cloud.cinder().volumes().delete(volume.id());
      lab.waiter()
          .untilGone(
              volume.label(), () -> cloud.cinder().volumes().find(volume.id()), Volume::state);
    }
    marked(neutron.securityGroups().list(Query.none()))
        .forEach(group -> neutron.securityGroups().delete(group.id()));
    marked(cloud.nova().serverGroups().list(Query.none()))
        .forEach(group -> cloud.nova().serverGroups().delete(group.id()));
    keyPairs().forEach(name -> cloud.nova().deleteKeyPair(name));
    marked(cloud.glance().images().list(Query.none()))
        .forEach(image -> cloud.glance().images().delete(image.id()));
    if (cloud.token().hasRole(OPERATOR)) {
      marked(cloud.nova().flavors().list(Query.of("is_public", "None")))
          .forEach(flavor -> cloud.nova().flavors().delete(flavor.id()));
    }
  }
}
