package dev.kedge.openstack.restore.plan;

import dev.kedge.openstack.capture.InstanceMetadata;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.neutron.FloatingIp;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.neutron.Router;
import dev.kedge.openstack.neutron.SecurityGroup;
import dev.kedge.openstack.neutron.Subnet;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstancePoint;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * The instances of a restore as they were, and the networks that they share, each once. Immutable.
 */
public final class Origin {
  /** One instance. */
  public record Instance(InstancePoint point, InstanceMetadata metadata) {
    /** Of a restore point. */
    public static Instance of(InstancePoint point) {
      return new Instance(point, InstanceMetadata.of(point));
    }

    /** Its ports in the order of its network cards, which Nova keeps in the addresses only. */
    public List<Port> ports() {
      List<String> macAddresses =
          metadata
              .server()
              .raw()
              .path("addresses")
              .valueStream()
              .flatMap(JsonNode::valueStream)
              .map(address -> address.path("OS-EXT-IPS-MAC:mac_addr").stringValue(""))
              .distinct()
              .toList();
      return metadata.ports().stream()
          .sorted(Comparator.comparingInt(port -> place(macAddresses, port)))
          .toList();
    }

    /** Whether a disk holds ciphertext. */
    public boolean isEncrypted(InstanceDisk disk) {
      return keyId(disk).isPresent() || volume(disk).map(Volume::encrypted).orElse(false);
    }

    /** Where Barbican keeps, or kept, the key of a disk. */
    public Optional<String> keyId(InstanceDisk disk) {
      return Optional.ofNullable(disk.encryptionKeyId())
          .or(() -> volume(disk).map(Volume::encryptionKeyId));
    }

    private Optional<Volume> volume(InstanceDisk disk) {
      return Optional.ofNullable(disk.volumeId()).flatMap(metadata::volume);
    }

    /** A port without an address comes last. */
    private static int place(List<String> macAddresses, Port port) {
      int index = macAddresses.indexOf(port.macAddress());
      return index < 0 ? macAddresses.size() : index;
    }
  }

  private final List<Instance> instances;
  private final Map<String, Network> networks;
  private final Map<String, Subnet> subnets;
  private final Map<String, Router> routers;
  private final Map<String, Port> routerPorts;
  private final Map<String, SecurityGroup> securityGroups;
  private final Map<String, FloatingIp> floatingIps;

  /** Of these restore points. */
  public Origin(List<InstancePoint> points) {
    this.instances = points.stream().map(Instance::of).toList();
    this.networks = byId(InstanceMetadata::networks);
    this.subnets = byId(InstanceMetadata::subnets);
    this.routers = byId(InstanceMetadata::routers);
    this.routerPorts = byId(InstanceMetadata::routerPorts);
    this.securityGroups = byId(InstanceMetadata::securityGroups);
    this.floatingIps = byId(InstanceMetadata::floatingIps);
  }

  private <T extends ApiResource> Map<String, T> byId(Function<InstanceMetadata, List<T>> list) {
    Map<String, T> found = new LinkedHashMap<>();
    for (Instance instance : instances) {
      list.apply(instance.metadata()).forEach(object -> found.putIfAbsent(object.id(), object));
    }
    return found;
  }

  /** The instances. */
  public List<Instance> instances() {
    return instances;
  }

  /** The instance of a restore point. */
  public Instance instance(UUID point) {
    return instances.stream()
        .filter(instance -> instance.point().id().equals(point))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no restore point " + point));
  }

  /** Networks by id. */
  public Map<String, Network> networks() {
    return networks;
  }

  /** Subnets by id. */
  public Map<String, Subnet> subnets() {
    return subnets;
  }

  /** Routers by id. */
  public Map<String, Router> routers() {
    return routers;
  }

  /** The interfaces of a router. */
  public List<Port> interfaces(String routerId) {
    return routerPorts.values().stream().filter(port -> port.deviceId().equals(routerId)).toList();
  }

  /** Security groups by id. */
  public Map<String, SecurityGroup> securityGroups() {
    return securityGroups;
  }

  /** Floating addresses by id. */
  public Map<String, FloatingIp> floatingIps() {
    return floatingIps;
  }

  /** The floating addresses that led to a port. */
  public List<FloatingIp> floatingIpsOf(String portId) {
    return floatingIps.values().stream()
        .filter(address -> Objects.equals(address.portId(), portId))
        .toList();
  }

  /** Whether an instance has a port in the network: others are kept only as gateways. */
  public boolean hasPortIn(String networkId) {
    return instances.stream()
        .flatMap(instance -> instance.metadata().ports().stream())
        .anyMatch(port -> port.networkId().equals(networkId));
  }

  /** An object by its id. */
  public static <T> Optional<T> find(Map<String, T> objects, String id) {
    return Optional.ofNullable(objects.get(id));
  }
}
