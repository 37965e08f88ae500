package dev.kedge.openstack.restore.plan;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.Router;
import dev.kedge.openstack.neutron.SecurityGroup;
import java.util.Map;
import java.util.function.Function;

/** Checks security groups, networks, subnets and routers. One thread. */
final class NetworkCheck {
  private final Neutron neutron;
  private final String projectId;
  private final Origin origin;
  private final RestorePlan plan;
  private final PlanReport report;

  NetworkCheck(
      OpenStack cloud, String projectId, Origin origin, RestorePlan plan, PlanReport report) {
    this.neutron = cloud.neutron();
    this.projectId = projectId;
    this.origin = origin;
    this.plan = plan;
    this.report = report;
  }

  void check(RestoreScope scope) {
    each(
        "security group",
        plan.securityGroups(),
        origin.securityGroups(),
        neutron.securityGroups(),
        SecurityGroup::name);
    if (scope.withNetworks()) {
      each("network", plan.networks(), origin.networks(), neutron.networks(), Network::name);
      plan.networks().forEach(this::ownNetwork);
      each(
          "subnet",
          plan.subnets(),
          origin.subnets(),
          neutron.subnets(),
          subnet -> subnet.name() + " " + subnet.cidr());
      each("router", plan.routers(), origin.routers(), neutron.routers(), Router::name);
      plan.routers().forEach(this::gateway);
    }
  }

  private <T extends ApiResource> void each(
      String kind,
      Map<String, Choice> choices,
      Map<String, T> originals,
      ApiCollection<T> collection,
      Function<T, String> name) {
    choices.forEach((id, choice) -> {
      T original = originals.get(id);
      if (original == null) {
        report.problem(kind + " " + id, "the restore point has none of that id");
        return;
      }
      String label = kind + " " + name.apply(original);
      switch (choice) {
        case Choice.Create() -> report.create(label, "");
        case Choice.Leave() -> report.leave(label, "");
        case Choice.Use(String nameOrId) ->
            Found.of(report, label, () -> collection.byNameOrId(nameOrId, Query.none()))
                .ifPresent(
                    found -> report.reuse(label, found.id().equals(id) ? "" : "by " + found.id()));
      }
    });
  }

  private void ownNetwork(String id, Choice choice) {
    Network original = origin.networks().get(id);
    if (original == null || !choice.isCreate()) {
      return;
    }
    if (original.external()) {
      report.problem(
          "network " + original.name(), "only an operator makes external networks: name another");
    }
    if (original.shared() && !original.projectId().equals(projectId)) {
      report.problem(
          "network " + original.name(),
          "it was another project's, which shared it: name another in a plan");
    }
    new NotRestored(report).of(original);
  }

  private void gateway(String id, Choice choice) {
    Router original = origin.routers().get(id);
    if (original == null) {
      return;
    }
    String gateway = original.gatewayNetworkId();
    if (gateway != null
        && choice.isCreate()
        && RestorePlan.of(plan.networks(), gateway).isLeave()) {
      report.leave("gateway of router " + original.name(), "its network is left out");
    }
  }
}
