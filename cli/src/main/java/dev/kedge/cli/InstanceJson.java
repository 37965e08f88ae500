package dev.kedge.cli;

import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstancePoint;
import java.util.Locale;
import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/** How restore points of instances are printed; fields are part of the contract (docs/cli.md). */
final class InstanceJson {
  private InstanceJson() {}

  /** What every command says of one, but for its disks. */
  static ObjectNode point(InstancePoint point) {
    InstancePoint.Instance instance = point.instance();
    ObjectNode node = Json.object();
    node.put("restorePoint", point.id().toString())
        .put("momentId", point.momentId().toString())
        .put("instanceId", instance.id().toString())
        .put("name", instance.name())
        .put("projectId", instance.projectId())
        .put("cloud", instance.cloud())
        .put("region", instance.region())
        .put("createdAt", point.createdAt().toString())
        .put("sequence", point.sequence())
        .put("consistency", text(point.consistency()))
        .put("freezeSeconds", point.freezeSeconds())
        .put("complete", point.complete());
    point.notes().forEach(node.putArray("notes")::add);
    return node;
  }

  static ObjectNode disk(InstanceDisk disk) {
    ObjectNode node = Json.object();
    node.put("role", text(disk.role()))
        .put("device", disk.device())
        .put("boot", disk.boot())
        .put("volumeId", disk.volumeId())
        .put("encryptionKeyId", disk.encryptionKeyId());
    switch (disk.content()) {
      case InstanceDisk.Kept kept ->
          node.put("restorePoint", kept.point().toString())
              .put("cluster", kept.cluster())
              .put("image", kept.image().toString())
              .put("sizeBytes", kept.sizeBytes())
              .putNull("leftOut");
      case InstanceDisk.LeftOut(String reason) ->
          node.putNull("restorePoint").put("leftOut", reason);
    }
    return node;
  }

  /** A disk as people call it: its device, or what it is. */
  static String label(InstanceDisk disk) {
    return Objects.requireNonNullElse(
        disk.device(),
        disk.role() == InstanceDisk.Role.VOLUME
            ? "volume " + disk.volumeId()
            : text(disk.role()) + (disk.number() == 0 ? "" : " " + disk.number()));
  }

  /** {@code agent, frozen for 0.21 s}. */
  static String consistency(InstancePoint point) {
    return point.freezeSeconds() == 0
        ? text(point.consistency())
        : String.format(
            Locale.ROOT,
            "%s, stood still for %.2f s",
            text(point.consistency()),
            point.freezeSeconds());
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
