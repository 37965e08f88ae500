package dev.kedge.openstack.restore.plan;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.FloatingIp;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.Port;
import java.util.List;
import java.util.Optional;

/** Checks the ports of one instance, and the floating addresses that lead to them. One thread. */
final class PortCheck {
  private final Neutron neutron;
  private final boolean isOperator;
  private final Origin origin;
  private final RestorePlan plan;
  private final PlanReport report;

  PortCheck(OpenStack cloud, Origin origin, RestorePlan plan, PlanReport report) {
    this.neutron = cloud.neutron();
    this.isOperator = cloud.token().hasRole(InstanceCheck.OPERATOR);
    this.origin = origin;
    this.plan = plan;
    this.report = report;
  }

  void check(Origin.Instance original, InstancePlan instance) {
    instance
        .ports()
        .forEach((id, port) -> {
          if (original.ports().stream().noneMatch(known -> known.id().equals(id))) {
            report.problem("port " + id, "the instance had none of that id");
            return;
          }
          switch (port.port()) {
            case Choice.Leave() -> report.leave("port " + id, "");
            case Choice.Use(String used) -> used(used);
            case Choice.Create() -> {
              created(port);
              original.ports().stream()
                  .filter(known -> known.id().equals(id))
                  .forEach(new NotRestored(report)::of);
            }
          }
          if (!port.port().isLeave()) {
            origin.floatingIpsOf(id).forEach(this::floating);
          }
        });
  }

  private void used(String portId) {
    Found.of(report, "port " + portId, () -> neutron.ports().byNameOrId(portId, Query.none()))
        .ifPresent(port -> {
          if (port.deviceId().isEmpty()) {
            report.reuse("port " + portId, "with " + port.macAddress());
          } else {
            report.problem("port " + portId, "is used by " + port.deviceId());
          }
        });
  }

  private void created(PortPlan port) {
    Optional<Network> network = network(port);
    String label = "port in " + network.map(Network::name).orElse(port.network());
    report.create(
        label,
        "%s, %s"
            .formatted(
                port.macAddress() == null ? "a new MAC address" : port.macAddress(),
                port.addresses().isEmpty()
                    ? "Neutron's choice of addresses"
                    : String.join(", ", port.addresses())));
    network.ifPresent(found -> free(label, found, port));
    port.securityGroups().forEach(group -> securityGroup(label, group));
  }

  /** The network, where it is there already. */
  private Optional<Network> network(PortPlan port) {
    Choice choice = plan.networks().get(port.network());
    String name = choice instanceof Choice.Use(String used) ? used : port.network();
    if (choice != null && choice.isCreate()) {
      return Optional.empty();
    }
    if (choice != null && choice.isLeave()) {
      report.problem("port in " + port.network(), "its network is left out");
      return Optional.empty();
    }
    return Found.of(
        report, "network " + name, () -> neutron.networks().byNameOrId(name, Query.none()));
  }

  private void free(String label, Network network, PortPlan port) {
    Query here = Query.of("network_id", network.id());
    String mac = port.macAddress();
    if (mac != null) {
      inUse(label, mac, neutron.ports().list(here.and("mac_address", mac)));
    }
    for (String address : port.addresses()) {
      inUse(label, address, neutron.ports().list(here.and("fixed_ips", "ip_address=" + address)));
    }
  }

  private void inUse(String label, String address, List<Port> ports) {
    for (Port port : ports) {
      report.problem(
          label,
          "%s is used by port %s%s: remove that, or choose another in a plan"
              .formatted(
                  address,
                  port.id(),
                  port.deviceId().isEmpty()
                      ? ""
                      : " of " + port.deviceOwner() + " " + port.deviceId()));
    }
  }

  private void securityGroup(String label, String group) {
    Choice choice = plan.securityGroups().get(group);
    if (choice == null) {
      Found.of(
          report,
          "security group " + group,
          () -> neutron.securityGroups().byNameOrId(group, Query.none()));
    } else if (choice.isLeave()) {
      report.problem(label, "its security group " + group + " is left out");
    }
  }

  private void floating(FloatingIp original) {
    String label = "floating address " + original.address();
    switch (RestorePlan.of(plan.floatingIps(), original.id())) {
      case Choice.Leave() -> report.leave(label, "");
      case Choice.Create() -> newFloating(label, original);
      case Choice.Use(String used) ->
          Found.of(report, label, () -> neutron.floatingIps().byNameOrId(used, Query.none()))
              .ifPresent(found -> {
                if (found.portId() == null) {
                  report.reuse(
                      label, found.id().equals(original.id()) ? "" : "by " + found.address());
                } else {
                  report.problem(
                      label,
                      "leads to port "
                          + found.portId()
                          + ": take it off there, or set it to none in a plan");
                }
              });
    }
  }

  private void newFloating(String label, FloatingIp original) {
    List<FloatingIp> same =
        neutron.floatingIps().list(Query.of("floating_ip_address", original.address()));
    if (!same.isEmpty()) {
      report.problem(
          label,
          "is there already, as %s of project %s: name it, or set it to none in a plan"
              .formatted(same.getFirst().id(), same.getFirst().projectId()));
    } else if (isOperator) {
      report.create(label, "");
    } else {
      report.create(label, "another one, where only operators may ask for a certain address");
    }
  }
}
