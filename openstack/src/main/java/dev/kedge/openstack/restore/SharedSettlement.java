package dev.kedge.openstack.restore;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.openstack.restore.plan.OriginTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Takes the restore's marks off what instances share, and tags it with what it stands for, so that
 * the restore of a neighbour uses it. One thread.
 */
final class SharedSettlement {
  private final Neutron neutron;
  private final Origin origin;
  private final Maker maker;

  SharedSettlement(OpenStack cloud, Origin origin, Maker maker) {
    this.neutron = cloud.neutron();
    this.origin = origin;
    this.maker = maker;
  }

  void run() {
    each(
        ResourceKind.SECURITY_GROUP,
        "security-groups",
        neutron.securityGroups(),
        origin.securityGroups(),
        group -> group.tags());
    each(
        ResourceKind.NETWORK,
        "networks",
        neutron.networks(),
        origin.networks(),
        network -> network.tags());
    each(
        ResourceKind.SUBNET,
        "subnets",
        neutron.subnets(),
        origin.subnets(),
        subnet -> subnet.tags());
    each(
        ResourceKind.ROUTER,
        "routers",
        neutron.routers(),
        origin.routers(),
        router -> router.tags());
  }

  private <T extends ApiResource> void each(
      ResourceKind kind,
      String urlWord,
      ApiCollection<T> collection,
      Map<String, T> originals,
      Function<T, List<String>> tags) {
    originals.forEach((id, original) -> {
      if (maker.made(kind, id)) {
        String made = maker.idOf(kind, id);
        collection.update(made, KeptFields.description(original));
        List<String> all = new ArrayList<>(tags.apply(original));
        all.add(OriginTag.of(id));
        neutron.setTags(urlWord, made, all);
      }
    });
  }
}
