package dev.kedge.openstack.restore.plan;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.VolumeType;
import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.repository.InstanceDisk;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Says what was kept of something and does not come back with it. One thread. */
final class NotRestored {
  private static final String QOS_POLICY = "qos_policy_id";

  private final PlanReport report;

  NotRestored(PlanReport report) {
    this.report = report;
  }

  /** Which wire a network is on is the operator's affair, and may be taken by another one now. */
  void of(Network network) {
    String label = "network " + network.name();
    String wire = text(network.raw(), "provider:physical_network");
    if (!wire.isEmpty()) {
      report.leave(
          "provider attributes of " + label,
          "%s %s on %s: the new one is of the cloud's default kind; if it must be that wire, let an operator make it, and name it in a plan"
              .formatted(
                  text(network.raw(), "provider:network_type"),
                  network.raw().path("provider:segmentation_id").asString(""),
                  wire));
    }
    if (network.shared()) {
      report.leave("sharing of " + label, "the new one is the project's alone: share it again");
    }
    qosPolicy(label, network.raw());
  }

  /** Policies belong to operators, who may have given this one other rules since. */
  void of(Port port) {
    qosPolicy("port " + port.macAddress(), port.raw());
  }

  private void qosPolicy(String label, JsonNode raw) {
    String policy = text(raw, QOS_POLICY);
    if (!policy.isEmpty()) {
      report.leave("QoS policy " + policy + " of " + label, "set it again");
    }
  }

  /** A volume gets the QoS of its type, whatever that is now. */
  void qosOf(OpenStack cloud, Origin.Instance original, InstanceDisk disk, VolumeType type) {
    String volumeId = disk.volumeId();
    String now = type.qosSpecsId();
    if (volumeId == null || now == null) {
      return;
    }
    original
        .metadata()
        .volume(volumeId)
        .map(volume -> Objects.requireNonNullElse(volume.typeName(), ""))
        .filter(type.name()::equals)
        .flatMap(name -> keptQos(original, name))
        .ifPresent(was -> {
          Optional<Map<String, String>> is = present(cloud, now);
          if (is.isPresent() && !is.get().equals(was)) {
            report.leave(
                "QoS of volume type " + type.name(), "was %s, is %s".formatted(was, is.get()));
          }
        });
  }

  private static Optional<Map<String, String>> keptQos(Origin.Instance original, String typeName) {
    return original.metadata().volumeTypes().stream()
        .filter(type -> type.name().equals(typeName))
        .map(VolumeType::qosSpecsId)
        .filter(Objects::nonNull)
        .findFirst()
        .flatMap(id ->
            original.metadata().qosSpecs().stream()
                .filter(specs -> id.equals(specs.textOrNull("id")))
                .findFirst())
        .map(specs -> specs.textMap("specs"));
  }

  /** Operators only. */
  private static Optional<Map<String, String>> present(OpenStack cloud, String qosSpecsId) {
    try {
      return cloud.cinder().qosSpecs(qosSpecsId).map((ApiObject specs) -> specs.textMap("specs"));
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.PERMISSION_DENIED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static String text(JsonNode raw, String field) {
    return raw.path(field).stringValue("");
  }
}
