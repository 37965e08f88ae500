package dev.kedge.openstack.restore;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.restore.plan.Choice;
import dev.kedge.openstack.restore.plan.RestorePlan;
import java.util.Map;
import java.util.Optional;

/** What stands for each original in the cloud, once it is there. One thread. */
final class Targets {
  private final OpenStack cloud;
  private final RestorePlan plan;
  private final Maker maker;

  Targets(OpenStack cloud, RestorePlan plan, Maker maker) {
    this.cloud = cloud;
    this.plan = plan;
    this.maker = maker;
  }

  Optional<String> securityGroup(String original) {
    return id(
        ResourceKind.SECURITY_GROUP,
        plan.securityGroups(),
        cloud.neutron().securityGroups(),
        original);
  }

  Optional<String> network(String original) {
    return id(ResourceKind.NETWORK, plan.networks(), cloud.neutron().networks(), original);
  }

  Optional<String> subnet(String original) {
    return id(ResourceKind.SUBNET, plan.subnets(), cloud.neutron().subnets(), original);
  }

  Optional<String> router(String original) {
    return id(ResourceKind.ROUTER, plan.routers(), cloud.neutron().routers(), original);
  }

  /** Empty where it is left out; what the plan does not map names something that is there. */
  private <T extends ApiResource> Optional<String> id(
      ResourceKind kind,
      Map<String, Choice> choices,
      ApiCollection<T> collection,
      String original) {
    return switch (choices.getOrDefault(original, Choice.use(original))) {
      case Choice.Create() -> Optional.of(maker.idOf(kind, original));
      case Choice.Leave() -> Optional.empty();
      case Choice.Use(String nameOrId) ->
          Optional.of(collection.byNameOrId(nameOrId, Query.none()).id());
    };
  }
}
