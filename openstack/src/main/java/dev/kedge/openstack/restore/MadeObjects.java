package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.nova.KeyPair;
import dev.kedge.openstack.nova.ServerGroup;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Finds by its mark, and removes, what a restore made. One thread. */
final class MadeObjects {
  private static final Set<String> DELETABLE_VOLUME = Set.of("available", "failed");

  private final OpenStack cloud;
  private final Waiter waiter;

  MadeObjects(OpenStack cloud, Waiter waiter) {
    this.cloud = cloud;
    this.waiter = waiter;
  }

  /** What has its name already, for the kinds that can carry no mark. */
  List<String> others(ResourceKind kind, String name) {
    return switch (kind) {
      case KEY_PAIR -> cloud.nova().keyPair(name, null).map(KeyPair::name).stream().toList();
      case SERVER_GROUP ->
          cloud.nova().serverGroups().named(name, Query.none()).stream()
              .map(ServerGroup::id)
              .toList();
      default -> List.of();
    };
  }

  /**
   * What a request of unknown outcome made, if it made anything: what carries the mark, or what
   * came since and is the same.
   *
   * @throws KedgeException REFUSED where several things could be it
   */
  Optional<String> find(Made wanted, String mark) {
    String name = wanted.name();
    Neutron neutron = cloud.neutron();
    Predicate<ApiResource> described = found -> Marks.hasDescription(found, mark);
    Predicate<ApiResource> marked = found -> Marks.hasMetadata(found, mark);
    return switch (wanted.kind()) {
      case SECURITY_GROUP -> inNeutron(neutron.securityGroups(), mark);
      case SECURITY_GROUP_RULE -> inNeutron(neutron.securityGroupRules(), mark);
      case NETWORK -> inNeutron(neutron.networks(), mark);
      case SUBNET -> inNeutron(neutron.subnets(), mark);
      case ROUTER -> inNeutron(neutron.routers(), mark);
      case PORT, ROUTER_INTERFACE -> inNeutron(neutron.ports(), mark);
      case FLOATING_IP -> inNeutron(neutron.floatingIps(), mark);
      case VOLUME -> first(cloud.cinder().volumes(), name, marked);
      case SERVER -> first(cloud.nova().servers(), name, marked);
      case FLAVOR -> first(cloud.nova().flavors(), name, described);
      case IMAGE ->
          cloud.glance().images().named(name, Query.none()).stream()
              .filter(image -> mark.equals(image.properties().get(Marks.KEY)))
              .map(ApiResource::id)
              .findFirst();
      case KEY_PAIR ->
          cloud
              .nova()
              .keyPair(name, null)
              .filter(key -> key.fingerprint().equals(wanted.original()))
              .map(KeyPair::name)
              .filter(found -> !wanted.others().contains(found));
      case SERVER_GROUP -> newServerGroup(wanted);
    };
  }

  /** A group that our server is in already is no longer in doubt. */
  private Optional<String> newServerGroup(Made wanted) {
    List<String> found =
        cloud.nova().serverGroups().named(wanted.name(), Query.none()).stream()
            .filter(group -> !wanted.others().contains(group.id()) && group.memberIds().isEmpty())
            .map(ServerGroup::id)
            .toList();
    if (found.size() > 1) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "one of the server groups %s, all new and called %s, is this restore's, and nothing says which: remove those that nobody needs"
              .formatted(String.join(", ", found), wanted.name()));
    }
    return found.stream().findFirst();
  }

  private static <T extends ApiResource> Optional<String> inNeutron(
      ApiCollection<T> collection, String mark) {
    return collection.list(Query.of("description", mark)).stream()
        .filter(found -> Marks.hasDescription(found, mark))
        .map(ApiResource::id)
        .findFirst();
  }

  private static <T extends ApiResource> Optional<String> first(
      ApiCollection<T> collection, String name, Predicate<ApiResource> marked) {
    return collection.named(name, Query.none()).stream()
        .filter(marked)
        .map(ApiResource::id)
        .findFirst();
  }

  /** Removes it, and waits until it is gone where others hang on it. */
  void remove(ResourceKind kind, String id) {
    Neutron neutron = cloud.neutron();
    switch (kind) {
      case SECURITY_GROUP -> neutron.securityGroups().delete(id);
      case SECURITY_GROUP_RULE -> neutron.securityGroupRules().delete(id);
      case NETWORK -> neutron.networks().delete(id);
      case SUBNET -> neutron.subnets().delete(id);
      case ROUTER -> neutron.routers().delete(id);
      case ROUTER_INTERFACE -> removeInterface(id);
      case PORT -> neutron.ports().delete(id);
      case FLOATING_IP -> neutron.floatingIps().delete(id);
      case FLAVOR -> cloud.nova().flavors().delete(id);
      case KEY_PAIR -> cloud.nova().deleteKeyPair(id);
      case SERVER_GROUP -> cloud.nova().serverGroups().delete(id);
      case IMAGE -> cloud.glance().images().delete(id);
      case VOLUME -> removeVolume(id);
      case SERVER -> removeServer(id);
    }
  }

  private void removeInterface(String portId) {
    Neutron neutron = cloud.neutron();
    neutron
        .ports()
        .find(portId)
        .ifPresent(port -> {
          if (port.deviceOwner().startsWith("network:")) {
            neutron.removeRouterPort(port.deviceId(), portId);
          } else {
            neutron.ports().delete(portId);
          }
        });
  }

  /** Neutron keeps a router on a network through which a route leads. */
  void removeRoutes(Set<String> ownRouters, String portId) {
    Neutron neutron = cloud.neutron();
    neutron
        .ports()
        .find(portId)
        .map(Port::deviceId)
        .filter(ownRouters::contains)
        .ifPresent(router ->
            neutron.routers().update(router, ApiJson.object().set("routes", ApiJson.list())));
  }

  private void removeServer(String id) {
    cloud.nova().servers().delete(id);
    waiter.untilGone(
        "server " + id,
        () -> cloud.nova().servers().find(id),
        // A server in ERROR stays so until it is gone.
        _ -> new Waiter.State("being deleted", ""));
  }

  private void removeVolume(String id) {
    if (cloud.cinder().volumes().find(id).isEmpty()) {
      return;
    }
    waiter.until(
        "volume " + id,
        () -> cloud.cinder().volumes().find(id).map(volume -> volume.status()).orElse("available"),
        status -> new Waiter.State(status.startsWith("error") ? "failed" : status, ""),
        DELETABLE_VOLUME);
    cloud.cinder().volumes().delete(id);
    waiter.untilGone(
        "volume " + id, () -> cloud.cinder().volumes().find(id), volume -> volume.state());
  }
}
