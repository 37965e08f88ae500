package dev.kedge.openstack.restore.plan;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.neutron.Subnet;
import dev.kedge.openstack.nova.Flavor;
import dev.kedge.openstack.nova.KeyPair;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.nova.ServerGroup;
import dev.kedge.repository.InstanceDisk;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The plan that brings everything back as it was: what still exists is used, what is gone is made.
 * Nothing in the cloud is changed. For one thread.
 */
public final class DefaultPlan {
  private static final long GIB = 1L << 30;

  private final OpenStack cloud;
  private final String projectId;
  private final Origin origin;
  private final Present present;

  /** A plan for restoring those instances into the project of that cloud's token. */
  public DefaultPlan(OpenStack cloud, String projectId, Origin origin) {
    this.cloud = cloud;
    this.projectId = projectId;
    this.origin = origin;
    this.present = new Present(cloud, projectId);
  }

  /**
   * Makes it.
   *
   * @throws dev.kedge.base.KedgeException where the cloud does not answer
   */
  public RestorePlan make() {
    Map<String, Choice> networks = choices(origin.networks(), present::network);
    origin.networks().values().stream()
        .filter(network -> network.external() || !origin.hasPortIn(network.id()))
        .filter(network -> networks.getOrDefault(network.id(), Choice.leave()).isCreate())
        // Nobody can make those again by a record; the check says so where they are needed.
        .forEach(network -> networks.put(network.id(), Choice.use(network.id())));
    Map<String, Choice> subnets = new LinkedHashMap<>();
    origin.subnets().values().stream()
        .filter(subnet -> origin.hasPortIn(subnet.networkId()))
        .forEach(
            subnet -> subnets.put(subnet.id(), subnet(subnet, networks.get(subnet.networkId()))));
    return new RestorePlan(
        origin.instances().stream().map(instance -> instance(instance, networks)).toList(),
        choices(origin.securityGroups(), present::securityGroup),
        networks,
        subnets,
        choices(origin.routers(), present::router),
        choices(origin.floatingIps(), present::floatingIp));
  }

  private static <T> Map<String, Choice> choices(
      Map<String, T> originals, Function<T, Optional<? extends ApiResource>> find) {
    Map<String, Choice> choices = new LinkedHashMap<>();
    originals.forEach((id, original) -> choices.put(id, choice(find.apply(original))));
    return choices;
  }

  private static Choice choice(Optional<? extends ApiResource> found) {
    return found.map(ApiResource::id).map(Choice::use).orElseGet(Choice::create);
  }

  private Choice subnet(Subnet subnet, @Nullable Choice network) {
    return network instanceof Choice.Use(String id)
        ? choice(present.subnet(subnet, id))
        : Choice.create();
  }

  private InstancePlan instance(Origin.Instance instance, Map<String, Choice> networks) {
    Server server = instance.metadata().server();
    Map<String, DiskPlan> disks = new LinkedHashMap<>();
    for (InstanceDisk disk : instance.point().disks()) {
      if (disk.role() != InstanceDisk.Role.CONFIG_DRIVE) {
        disks.put(DiskKey.of(disk), disk(instance, disk));
      }
    }
    Map<String, PortPlan> ports = new LinkedHashMap<>();
    instance.ports().forEach(port -> ports.put(port.id(), port(port, networks)));
    return new InstancePlan(
        instance.point().id(),
        server.name(),
        flavor(instance, server),
        image(server),
        server.availabilityZone(),
        keyPair(instance),
        serverGroup(instance),
        !server.status().equals("SHUTOFF"),
        disks,
        ports);
  }

  private Choice flavor(Origin.Instance instance, Server server) {
    Optional<Flavor> kept = instance.metadata().flavor();
    return Stream.concat(
            kept.stream().flatMap(flavor -> cloud.nova().flavors().find(flavor.id()).stream()),
            cloud.nova().flavors().named(server.flavor().name(), Query.none()).stream())
        .filter(found -> found.sameSizesAs(server.flavor()))
        .findFirst()
        .map(found -> Choice.use(found.id()))
        .orElseGet(Choice::create);
  }

  private Choice image(Server server) {
    String imageId = server.imageId();
    return imageId == null
        ? Choice.leave()
        : choice(cloud.glance().images().find(imageId).filter(i -> i.status().equals("active")));
  }

  private Choice keyPair(Origin.Instance instance) {
    String name = instance.metadata().server().keyName();
    if (name == null) {
      return Choice.leave();
    }
    Optional<KeyPair> own = cloud.nova().keyPair(name, null);
    if (own.isPresent()) {
      return Choice.use(name);
    }
    return instance.metadata().keyPair().isPresent() ? Choice.create() : Choice.use(name);
  }

  private Choice serverGroup(Origin.Instance instance) {
    List<ServerGroup> groups = instance.metadata().serverGroups();
    return groups.isEmpty() ? Choice.leave() : choice(present.serverGroup(groups.getFirst()));
  }

  private DiskPlan disk(Origin.Instance instance, InstanceDisk disk) {
    Volume volume =
        disk.volumeId() == null ? null : instance.metadata().volume(disk.volumeId()).orElse(null);
    boolean kept = disk.content() instanceof InstanceDisk.Kept;
    return new DiskPlan(
        // Nova makes swap space again, and there is nothing in it.
        kept && disk.role() != InstanceDisk.Role.SWAP,
        disk.role() == InstanceDisk.Role.VOLUME,
        volume == null
            ? instance.point().instance().name() + "-" + DiskKey.of(disk)
            : volume.name(),
        volume == null ? null : volume.typeName(),
        volume == null ? null : volume.availabilityZone(),
        sizeGib(disk, volume));
  }

  private static long sizeGib(InstanceDisk disk, @Nullable Volume volume) {
    long kept =
        disk.content() instanceof InstanceDisk.Kept content
            ? Math.ceilDiv(content.sizeBytes(), GIB)
            : 0;
    return Math.max(kept, volume == null ? 1 : volume.sizeGib());
  }

  private PortPlan port(Port port, Map<String, Choice> networks) {
    boolean free =
        cloud
            .neutron()
            .ports()
            .find(port.id())
            .filter(found -> found.deviceId().isEmpty() && found.projectId().equals(projectId))
            .filter(found -> Choice.use(found.networkId()).equals(networks.get(port.networkId())))
            .isPresent();
    return new PortPlan(
        free ? Choice.use(port.id()) : Choice.create(),
        port.networkId(),
        port.macAddress(),
        port.fixedIps().stream().map(ip -> ip.address()).toList(),
        port.securityGroupIds());
  }

  /** For messages: subnets have names and networks of their own. */
  static String label(Subnet subnet) {
    return "subnet " + subnet.name() + " (" + subnet.cidr() + ")";
  }
}
