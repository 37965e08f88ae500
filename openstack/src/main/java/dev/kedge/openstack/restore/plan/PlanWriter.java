package dev.kedge.openstack.restore.plan;

import dev.kedge.openstack.client.ApiResource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a plan as YAML, with the originals' names as comments. One use, one thread. */
final class PlanWriter {
  private final RestorePlan plan;
  private final Origin origin;
  private final StringBuilder out = new StringBuilder();

  PlanWriter(RestorePlan plan, Origin origin) {
    this.plan = plan;
    this.origin = origin;
  }

  String text() {
    line(0, "# A restore plan of kedge (docs/openstack.md). Change what should be otherwise, then");
    line(0, "# look at it with --dry-run. 'create' makes something like the original, 'none'");
    line(0, "# leaves it out, anything else is the id or name of what is there and is used.");
    line(0, "version: " + PlanText.VERSION);
    line(0, "instances:");
    plan.instances().forEach(this::instance);
    choices("security_groups", plan.securityGroups(), origin.securityGroups());
    choices("networks", plan.networks(), origin.networks());
    choices("subnets", plan.subnets(), origin.subnets());
    choices("routers", plan.routers(), origin.routers());
    choices("floating_ips", plan.floatingIps(), origin.floatingIps());
    return out.toString();
  }

  private void instance(InstancePlan instance) {
    line(1, instance.point() + ":");
    line(2, "name: " + quoted(instance.name()));
    line(2, "flavor: " + quoted(instance.flavor().toString()));
    line(2, "image: " + quoted(instance.image().toString()));
    optional(2, "availability_zone", instance.availabilityZone());
    line(2, "key_pair: " + quoted(instance.keyPair().toString()));
    line(2, "server_group: " + quoted(instance.serverGroup().toString()));
    line(2, "state: " + (instance.running() ? "running" : "stopped"));
    line(2, "disks:");
    instance.disks().forEach(this::disk);
    line(2, "ports:");
    instance.ports().forEach(this::port);
  }

  private void disk(String key, DiskPlan disk) {
    line(3, quoted(key) + ":");
    line(4, "restore: " + (disk.restore() ? "yes" : "no"));
    line(4, "as: " + (disk.volume() ? "volume" : "nova"));
    line(4, "name: " + quoted(disk.name()));
    optional(4, "type", disk.type());
    optional(4, "availability_zone", disk.availabilityZone());
    line(4, "size_gib: " + disk.sizeGib());
  }

  private void port(String id, PortPlan port) {
    line(3, quoted(id) + ":");
    line(4, "port: " + quoted(port.port().toString()));
    line(4, "network: " + quoted(port.network()));
    line(4, "mac: " + quoted(port.macAddress() == null ? "new" : port.macAddress()));
    list("addresses", port.addresses());
    list("security_groups", port.securityGroups());
  }

  private void list(String key, List<String> values) {
    line(
        4, key + ": [" + String.join(", ", values.stream().map(PlanWriter::quoted).toList()) + "]");
  }

  private void optional(int depth, String key, @Nullable String value) {
    if (value != null) {
      line(depth, key + ": " + quoted(value));
    }
  }

  private void choices(
      String key, Map<String, Choice> choices, Map<String, ? extends ApiResource> originals) {
    line(0, key + ":");
    choices.forEach((id, choice) -> {
      ApiResource original = originals.get(id);
      if (original != null) {
        line(1, "# " + original.name().replaceAll("\\p{Cntrl}", " "));
      }
      line(1, quoted(id) + ": " + quoted(choice.toString()));
    });
  }

  private void line(int depth, String text) {
    out.append("  ".repeat(depth)).append(text).append('\n');
  }

  /** A double-quoted scalar, whose escapes YAML shares with JSON. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f) {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
