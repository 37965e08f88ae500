package dev.kedge.openstack.capture;

import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeType;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.glance.Image;
import dev.kedge.openstack.keystone.Project;
import dev.kedge.openstack.neutron.FloatingIp;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.neutron.Router;
import dev.kedge.openstack.neutron.SecurityGroup;
import dev.kedge.openstack.neutron.Subnet;
import dev.kedge.openstack.nova.Flavor;
import dev.kedge.openstack.nova.InterfaceAttachment;
import dev.kedge.openstack.nova.KeyPair;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.nova.ServerGroup;
import dev.kedge.openstack.nova.VolumeAttachment;
import dev.kedge.repository.InstancePoint;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a cloud's APIs said of an instance and of all that belongs to it: the {@code raw} part of an
 * {@link InstancePoint}. Each object is kept as it came. What could not be asked is missing, and
 * the point's notes say so. Methods throw {@link dev.kedge.base.KedgeException} where a kept object
 * lacks what is needed of it. Not thread-safe while somebody changes {@link #raw()}.
 */
public final class InstanceMetadata {
  static final String SERVER = "server";
  static final String PROJECT = "project";
  static final String FLAVOR = "flavor";
  static final String IMAGE = "image";
  static final String KEY_PAIR = "keyPair";
  static final String SERVER_GROUPS = "serverGroups";
  static final String VOLUME_ATTACHMENTS = "volumeAttachments";
  static final String INTERFACES = "interfaces";
  static final String VOLUMES = "volumes";
  static final String VOLUME_TYPES = "volumeTypes";
  static final String QOS_SPECS = "qosSpecs";
  static final String ENCRYPTIONS = "encryptions";
  static final String PORTS = "ports";
  static final String NETWORKS = "networks";
  static final String SUBNETS = "subnets";
  static final String ROUTERS = "routers";
  static final String ROUTER_PORTS = "routerPorts";
  static final String FLOATING_IPS = "floatingIps";
  static final String SECURITY_GROUPS = "securityGroups";

  private final ObjectNode raw;
  private final ApiObject fields;

  /** Wraps what was kept; {@code origin} is what messages call it. */
  public InstanceMetadata(ObjectNode raw, String origin) {
    this.raw = raw;
    this.fields = ApiObject.kept(raw, origin);
  }

  /** The metadata of a restore point. */
  public static InstanceMetadata of(InstancePoint point) {
    return new InstanceMetadata(point.raw(), "restore point " + point.id());
  }

  static InstanceMetadata empty(String origin) {
    return new InstanceMetadata(ApiJson.object(), origin);
  }

  /** All of it. */
  public ObjectNode raw() {
    return raw;
  }

  /** The server, with metadata, tags, and where readable its user data. */
  public Server server() {
    return Server.of(fields.object(SERVER));
  }

  /** The server's project. */
  public Optional<Project> project() {
    return object(PROJECT, Project::of);
  }

  /** Its flavour with extra specs, where that still existed. */
  public Optional<Flavor> flavor() {
    return object(FLAVOR, Flavor::of);
  }

  /** The image that it was booted from; empty for one that boots from a volume. */
  public Optional<Image> image() {
    return object(IMAGE, Image::of);
  }

  /** The public half of its key pair. */
  public Optional<KeyPair> keyPair() {
    return object(KEY_PAIR, KeyPair::of);
  }

  /** The server groups that it is in. */
  public List<ServerGroup> serverGroups() {
    return objects(SERVER_GROUPS, ServerGroup::of);
  }

  /** Which volume is at which device. */
  public List<VolumeAttachment> volumeAttachments() {
    return objects(VOLUME_ATTACHMENTS, VolumeAttachment::of);
  }

  /** Its ports as Nova sees them, in Nova's order. */
  public List<InterfaceAttachment> interfaces() {
    return objects(INTERFACES, InterfaceAttachment::of);
  }

  /** Its volumes, with image metadata. */
  public List<Volume> volumes() {
    return objects(VOLUMES, Volume::of);
  }

  /** One of its volumes. */
  public Optional<Volume> volume(String id) {
    return volumes().stream().filter(volume -> volume.id().equals(id)).findFirst();
  }

  /** The types of its volumes, with extra specs. */
  public List<VolumeType> volumeTypes() {
    return objects(VOLUME_TYPES, VolumeType::of);
  }

  /** The QoS specs of those types, as they came; operators only. */
  public List<ApiObject> qosSpecs() {
    return objects(QOS_SPECS, Function.identity());
  }

  /** How volumes of those types are encrypted, by {@code volume_type_id}; operators only. */
  public List<ApiObject> encryptions() {
    return objects(ENCRYPTIONS, Function.identity());
  }

  /** Its ports, with MAC and fixed addresses, allowed pairs and groups. */
  public List<Port> ports() {
    return objects(PORTS, Port::of);
  }

  /** Networks of its ports, of its routers' gateways, and of its floating addresses. */
  public List<Network> networks() {
    return objects(NETWORKS, Network::of);
  }

  /** The subnets of those networks that are visible. */
  public List<Subnet> subnets() {
    return objects(SUBNETS, Subnet::of);
  }

  /** Routers with an interface in one of the networks of its ports. */
  public List<Router> routers() {
    return objects(ROUTERS, Router::of);
  }

  /** All interfaces of those routers. */
  public List<Port> routerPorts() {
    return objects(ROUTER_PORTS, Port::of);
  }

  /** Floating addresses that lead to its ports. */
  public List<FloatingIp> floatingIps() {
    return objects(FLOATING_IPS, FloatingIp::of);
  }

  /** The security groups of its ports with their rules, and those that rules refer to. */
  public List<SecurityGroup> securityGroups() {
    return objects(SECURITY_GROUPS, SecurityGroup::of);
  }

  private <T> Optional<T> object(String field, Function<ApiObject, T> read) {
    ApiObject found = fields.objectOrNull(field);
    return found == null ? Optional.empty() : Optional.of(read.apply(found));
  }

  private <T> List<T> objects(String field, Function<ApiObject, T> read) {
    return fields.objectsOrEmpty(field).stream().map(read).toList();
  }

  void put(String field, ObjectNode object) {
    raw.set(field, object);
  }

  void put(String field, List<ObjectNode> objects) {
    ArrayNode list = raw.putArray(field);
    objects.forEach(list::add);
  }
}
