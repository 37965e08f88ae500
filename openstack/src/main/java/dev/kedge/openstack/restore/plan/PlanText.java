package dev.kedge.openstack.restore.plan;

import dev.kedge.base.KedgeException;
import dev.kedge.openstack.yaml.YamlMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** A plan as YAML for people: written with comments, and read with every key checked. */
public final class PlanText {
  static final String VERSION = "1";

  private PlanText() {}

  /** The plan as a file's text. */
  public static String write(RestorePlan plan, Origin origin) {
    return new PlanWriter(plan, origin).text();
  }

  /**
   * Reads a plan.
   *
   * @throws KedgeException with USAGE, naming file and key, where it cannot be understood
   */
  public static RestorePlan read(String text, String file) {
    YamlMap yaml = YamlMap.parse(text, file);
    yaml.allowOnly(
        Set.of(
            "version",
            "instances",
            "security_groups",
            "networks",
            "subnets",
            "routers",
            "floating_ips"));
    if (!VERSION.equals(yaml.text("version"))) {
      throw yaml.wrong("version", "should be " + VERSION);
    }
    List<InstancePlan> instances = new ArrayList<>();
    YamlMap given = yaml.map("instances");
    for (String point : given.keys()) {
      instances.add(instance(given, point));
    }
    if (instances.isEmpty()) {
      throw yaml.wrong("instances", "should name at least one restore point");
    }
    return new RestorePlan(
        instances,
        choices(yaml.map("security_groups")),
        choices(yaml.map("networks")),
        choices(yaml.map("subnets")),
        choices(yaml.map("routers")),
        choices(yaml.map("floating_ips")));
  }

  private static Map<String, Choice> choices(YamlMap yaml) {
    Map<String, Choice> choices = new LinkedHashMap<>();
    for (String id : yaml.keys()) {
      choices.put(id, Choice.parse(required(yaml, id)));
    }
    return choices;
  }

  private static InstancePlan instance(YamlMap parent, String point) {
    YamlMap yaml = parent.map(point);
    yaml.allowOnly(
        Set.of(
            "name",
            "flavor",
            "image",
            "availability_zone",
            "key_pair",
            "server_group",
            "state",
            "disks",
            "ports"));
    UUID id;
    try {
      id = UUID.fromString(point);
    } catch (IllegalArgumentException e) {
      throw parent.wrong(point, "is no id of a restore point");
    }
    return new InstancePlan(
        id,
        required(yaml, "name"),
        Choice.parse(required(yaml, "flavor")),
        optional(yaml, "image"),
        yaml.text("availability_zone"),
        optional(yaml, "key_pair"),
        optional(yaml, "server_group"),
        oneOf(yaml, "state", "running", "stopped"),
        entries(yaml.map("disks"), PlanText::disk),
        entries(yaml.map("ports"), PlanText::port));
  }

  private static <T> Map<String, T> entries(YamlMap yaml, Function<YamlMap, T> read) {
    Map<String, T> entries = new LinkedHashMap<>();
    yaml.keys().forEach(key -> entries.put(key, read.apply(yaml.map(key))));
    return entries;
  }

  private static DiskPlan disk(YamlMap yaml) {
    yaml.allowOnly(Set.of("restore", "as", "name", "type", "availability_zone", "size_gib"));
    String name = yaml.text("name");
    return new DiskPlan(
        oneOf(yaml, "restore", "yes", "no"),
        oneOf(yaml, "as", "volume", "nova"),
        name == null ? "" : name,
        yaml.text("type"),
        yaml.text("availability_zone"),
        number(yaml, "size_gib"));
  }

  private static PortPlan port(YamlMap yaml) {
    yaml.allowOnly(Set.of("port", "network", "mac", "addresses", "security_groups"));
    String mac = yaml.text("mac");
    return new PortPlan(
        Choice.parse(required(yaml, "port")),
        required(yaml, "network"),
        "new".equals(mac) ? null : mac,
        yaml.names("addresses"),
        yaml.names("security_groups"));
  }

  private static String required(YamlMap yaml, String key) {
    String text = yaml.text(key);
    if (text == null) {
      throw yaml.wrong(key, "is needed");
    }
    return text;
  }

  private static Choice optional(YamlMap yaml, String key) {
    String text = yaml.text(key);
    return text == null ? Choice.leave() : Choice.parse(text);
  }

  private static boolean oneOf(YamlMap yaml, String key, String yes, String no) {
    String text = required(yaml, key);
    if (!text.equals(yes) && !text.equals(no)) {
      throw yaml.wrong(key, "should be " + yes + " or " + no);
    }
    return text.equals(yes);
  }

  private static long number(YamlMap yaml, String key) {
    try {
      return Long.parseLong(required(yaml, key));
    } catch (NumberFormatException e) {
      throw yaml.wrong(key, "should be a whole number");
    }
  }
}
