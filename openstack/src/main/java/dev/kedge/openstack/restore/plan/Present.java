package dev.kedge.openstack.restore.plan;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.FloatingIp;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.Router;
import dev.kedge.openstack.neutron.SecurityGroup;
import dev.kedge.openstack.neutron.Subnet;
import dev.kedge.openstack.nova.Nova;
import dev.kedge.openstack.nova.ServerGroup;
import java.util.Optional;
import java.util.function.Predicate;

/** What of the originals' surroundings is still there, or was made again before. One thread. */
final class Present {
  private static final String DEFAULT_GROUP = "default";

  private final Neutron neutron;
  private final Nova nova;
  private final String projectId;

  Present(OpenStack cloud, String projectId) {
    this.neutron = cloud.neutron();
    this.nova = cloud.nova();
    this.projectId = projectId;
  }

  Optional<Network> network(Network original) {
    return find(
        neutron.networks(),
        original.id(),
        found ->
            found.shared() || found.external() || belongs(found.projectId(), original.projectId()));
  }

  /** In the network that stands for its own, which may be another one now. */
  Optional<Subnet> subnet(Subnet original, String networkId) {
    return find(neutron.subnets(), original.id(), found -> found.networkId().equals(networkId));
  }

  Optional<FloatingIp> floatingIp(FloatingIp original) {
    Predicate<FloatingIp> usable = found -> belongs(found.projectId(), original.projectId());
    Optional<FloatingIp> same = neutron.floatingIps().find(original.id()).filter(usable);
    return same.isPresent()
        ? same
        : neutron.floatingIps().list(Query.of("floating_ip_address", original.address())).stream()
            .filter(usable)
            .filter(found -> found.networkId().equals(original.networkId()))
            .findFirst();
  }

  Optional<ServerGroup> serverGroup(ServerGroup original) {
    return nova.serverGroups()
        .find(original.id())
        .filter(found -> found.raw().path("project_id").stringValue(projectId).equals(projectId));
  }

  Optional<Router> router(Router original) {
    return find(
        neutron.routers(),
        original.id(),
        found -> belongs(found.projectId(), original.projectId()));
  }

  Optional<SecurityGroup> securityGroup(SecurityGroup original) {
    Optional<SecurityGroup> same =
        find(
            neutron.securityGroups(),
            original.id(),
            found -> belongs(found.projectId(), original.projectId()));
    return same.isEmpty() && original.name().equals(DEFAULT_GROUP)
        ? neutron.securityGroups().named(DEFAULT_GROUP, Query.of("project_id", projectId)).stream()
            .findFirst()
        : same;
  }

  /** An operator sees other projects' objects, which are no use to an instance of this one. */
  private boolean belongs(String foundProject, String originalProject) {
    return foundProject.equals(projectId) || originalProject.isEmpty();
  }

  private <T extends ApiResource> Optional<T> find(
      ApiCollection<T> collection, String id, Predicate<T> usable) {
    Optional<T> same = collection.find(id).filter(usable);
    return same.isPresent()
        ? same
        : collection.list(Query.of("tags", OriginTag.of(id))).stream().filter(usable).findFirst();
  }
}
