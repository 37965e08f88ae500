package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.Progress;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.FloatingIp;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.restore.plan.Choice;
import dev.kedge.openstack.restore.plan.InstancePlan;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.openstack.restore.plan.PortPlan;
import dev.kedge.openstack.restore.plan.RestorePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes the ports of an instance, and leads the floating addresses to them. One thread. */
final class PortSteps {
  private final Neutron neutron;
  private final Origin origin;
  private final RestorePlan plan;
  private final Maker maker;
  private final Targets targets;
  private final Progress progress;

  PortSteps(
      OpenStack cloud,
      Origin origin,
      RestorePlan plan,
      Maker maker,
      Targets targets,
      Progress progress) {
    this.neutron = cloud.neutron();
    this.origin = origin;
    this.plan = plan;
    this.maker = maker;
    this.targets = targets;
    this.progress = progress;
  }

  /** The ports' ids, in the order of the network cards. */
  List<String> run(Origin.Instance original, InstancePlan instance) {
    List<String> ids = new ArrayList<>();
    for (Port port : original.ports()) {
      PortPlan wanted = instance.ports().get(port.id());
      if (wanted != null && !wanted.port().isLeave()) {
        String id =
            wanted.port() instanceof Choice.Use(String used)
                ? neutron.ports().byNameOrId(used, Query.none()).id()
                : create(port, wanted);
        origin.floatingIpsOf(port.id()).forEach(address -> lead(address, id));
        ids.add(id);
      }
    }
    return ids;
  }

  private String create(Port original, PortPlan wanted) {
    return maker.make(
        ResourceKind.PORT,
        original.id(),
        original.name().isEmpty() ? String.join(" ", wanted.addresses()) : original.name(),
        mark -> neutron.ports().create(fields(original, wanted, mark)).id());
  }

  private ObjectNode fields(Port original, PortPlan wanted, String mark) {
    ObjectNode fields =
        KeptFields.of(original, "name", "admin_state_up", "extra_dhcp_opts", "dns_name");
    fields.put("network_id", targets.network(wanted.network()).orElseThrow());
    fields.put("description", mark);
    if (wanted.macAddress() != null) {
      fields.put("mac_address", wanted.macAddress());
    }
    if (!wanted.addresses().isEmpty()) {
      ArrayNode addresses = fields.putArray("fixed_ips");
      wanted.addresses().forEach(address -> addresses.addObject().put("ip_address", address));
    }
    String vnicType = original.raw().path("binding:vnic_type").stringValue("normal");
    if (!vnicType.equals("normal")) {
      fields.put("binding:vnic_type", vnicType);
    }
    if (!original.portSecurity()) {
      // Neutron refuses groups and pairs at such a port.
      return fields.put("port_security_enabled", false);
    }
    ArrayNode groups = fields.putArray("security_groups");
    wanted.securityGroups().forEach(g -> targets.securityGroup(g).ifPresent(groups::add));
    if (original.raw().path("allowed_address_pairs").size() > 0) {
      fields.setAll(KeptFields.of(original, "allowed_address_pairs"));
    }
    return fields;
  }

  private void lead(FloatingIp original, String portId) {
    Choice choice = RestorePlan.of(plan.floatingIps(), original.id());
    ObjectNode lead = ApiJson.object().put("port_id", portId);
    switch (choice) {
      case Choice.Leave() -> {}
      case Choice.Use(String used) -> {
        String id = neutron.floatingIps().byNameOrId(used, Query.none()).id();
        maker.once(
            "floating address " + original.id(), () -> neutron.floatingIps().update(id, lead));
      }
      case Choice.Create() -> {
        String id =
            maker.make(
                ResourceKind.FLOATING_IP,
                original.id(),
                original.address(),
                mark -> create(original, mark));
        maker.once(
            "floating address " + original.id(), () -> neutron.floatingIps().update(id, lead));
      }
    }
  }

  /** By default only operators may ask for a certain address. */
  private String create(FloatingIp original, String mark) {
    ObjectNode fields =
        ApiJson.object()
            .put("floating_network_id", targets.network(original.networkId()).orElseThrow())
            .put("description", mark);
    try {
      return neutron
          .floatingIps()
          .create(fields.deepCopy().put("floating_ip_address", original.address()))
          .id();
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.PERMISSION_DENIED) {
        throw e;
      }
      FloatingIp other = neutron.floatingIps().create(fields);
      progress.note(
          "floating address %s is only for an operator to ask for: the instance gets %s"
              .formatted(original.address(), other.address()));
      return other.id();
    }
  }

  /** The ports and floating addresses that were made, as the originals described themselves. */
  void settle(Origin.Instance original, Map<String, PortPlan> ports) {
    for (Port port : original.ports()) {
      if (maker.made(ResourceKind.PORT, port.id()) && ports.containsKey(port.id())) {
        String id = maker.idOf(ResourceKind.PORT, port.id());
        neutron.ports().update(id, KeptFields.description(port));
        if (!port.tags().isEmpty()) {
          neutron.setTags("ports", id, port.tags());
        }
      }
      for (FloatingIp address : origin.floatingIpsOf(port.id())) {
        if (maker.made(ResourceKind.FLOATING_IP, address.id())) {
          String id = maker.idOf(ResourceKind.FLOATING_IP, address.id());
          neutron.floatingIps().update(id, KeptFields.description(address));
          if (!address.tags().isEmpty()) {
            neutron.setTags("floatingips", id, address.tags());
          }
        }
      }
    }
  }
}
