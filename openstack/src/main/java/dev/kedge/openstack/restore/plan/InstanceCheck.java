package dev.kedge.openstack.restore.plan;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.nova.Flavor;
import dev.kedge.openstack.nova.KeyPair;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.nova.ServerFlavor;
import dev.kedge.repository.InstanceDisk;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Checks what Nova gives an instance besides disks and ports. One thread. */
final class InstanceCheck {
  static final String OPERATOR = "admin";

  private final OpenStack cloud;
  private final Origin.Instance original;
  private final InstancePlan plan;
  private final PlanReport report;

  InstanceCheck(OpenStack cloud, Origin.Instance original, InstancePlan plan, PlanReport report) {
    this.cloud = cloud;
    this.original = original;
    this.plan = plan;
    this.report = report;
  }

  void check(Demand demand) {
    report.create(
        PlanCheck.label(plan.name(), null),
        "from restore point %s, %s in the end"
            .formatted(plan.point(), plan.running() ? "running" : "stopped"));
    flavor(demand);
    availabilityZone();
    image();
    keyPair();
    serverGroup();
  }

  private void flavor(Demand demand) {
    ServerFlavor was = original.metadata().server().flavor();
    switch (plan.flavor()) {
      case Choice.Use(String name) -> {
        Optional<Flavor> found = find("flavour", name, () -> flavorNamed(name));
        found.ifPresent(flavor -> {
          report.reuse("flavour " + flavor.name(), "");
          demand.server(flavor.vcpus(), flavor.ramMib());
          rootFits(flavor);
        });
      }
      case Choice.Create() -> {
        demand.server(was.vcpus(), was.ramMib());
        List<Flavor> sameName = cloud.nova().flavors().named(was.name(), Query.none());
        if (!cloud.token().hasRole(OPERATOR)) {
          report.problem(
              "flavour " + was.name(),
              "is gone, or has other sizes now, and only an operator can make it: name another in a"
                  + " plan");
        } else if (!sameName.isEmpty()) {
          report.problem("flavour " + was.name(), "has other sizes now: name another in a plan");
        } else {
          report.create(
              "flavour " + was.name(),
              "%d cores, %d MiB, %d GiB".formatted(was.vcpus(), was.ramMib(), was.rootDiskGib()));
        }
      }
      case Choice.Leave() -> report.problem("flavour", "an instance needs one: name it");
    }
  }

  private Flavor flavorNamed(String name) {
    return cloud.nova().flavors().byNameOrId(name, Query.none());
  }

  private void rootFits(Flavor flavor) {
    long ephemeral = original.metadata().server().flavor().ephemeralGib();
    if (flavor.ephemeralGib() < ephemeral && keepsEphemeral()) {
      report.problem(
          "flavour " + flavor.name(),
          "its ephemeral disks have %d GiB, the instance's have %d: name a larger one, or set"
                  .formatted(flavor.ephemeralGib(), ephemeral)
              + " 'restore' to no at those disks");
    }
    long needed = original.metadata().server().flavor().rootDiskGib();
    if (!plan.image().isLeave() && flavor.rootDiskGib() < needed) {
      report.problem(
          "flavour " + flavor.name(),
          "its root disk has %d GiB, the instance's has %d: name a larger one"
              .formatted(flavor.rootDiskGib(), needed));
    }
  }

  private boolean keepsEphemeral() {
    return original.point().disks().stream()
        .filter(disk -> disk.role() == InstanceDisk.Role.EPHEMERAL)
        .map(disk -> plan.disks().get(DiskKey.of(disk)))
        .anyMatch(wanted -> wanted != null && wanted.restore() && !wanted.volume());
  }

  private void availabilityZone() {
    String zone = plan.availabilityZone();
    List<String> zones = cloud.nova().availabilityZones();
    if (zone != null && !zones.contains(zone)) {
      report.problem(
          "availability zone " + zone,
          "is not available: use one of %s in a plan".formatted(String.join(", ", zones)));
    }
  }

  private void image() {
    if (bringsItsImage()) {
      return;
    }
    Server server = original.metadata().server();
    switch (plan.image()) {
      case Choice.Use(String name) ->
          find("image", name, () -> cloud.glance().images().byNameOrId(name, Query.none()))
              .ifPresent(image -> report.reuse("image " + image.name(), ""));
      case Choice.Create() ->
          report.create(
              "image",
              "an empty one in place of %s, which is gone; it stays, Nova's root disk hangs on it"
                  .formatted(server.imageId()));
      case Choice.Leave() -> {}
    }
  }

  private boolean bringsItsImage() {
    return original.point().disks().stream()
        .filter(
            disk -> disk.content() instanceof InstanceDisk.Kept kept && kept.image().isRootDisk())
        .map(disk -> plan.disks().get(DiskKey.of(disk)))
        .anyMatch(wanted -> wanted != null && wanted.restore() && !wanted.volume());
  }

  private void keyPair() {
    String name = original.metadata().server().keyName();
    switch (plan.keyPair()) {
      case Choice.Use(String used) -> {
        keyPair(used)
            .ifPresentOrElse(
                found -> report.reuse("key pair " + used, isOther(found) ? "another key" : ""),
                () ->
                    report.problem(
                        "key pair " + used,
                        "this user has none of that name: make it, or set key_pair to none in a"
                            + " plan"));
      }
      case Choice.Create() -> {
        if (original.metadata().keyPair().isEmpty()) {
          report.problem("key pair", "its public half was not kept: name another in a plan");
        } else {
          keyPair("" + name)
              .ifPresentOrElse(
                  this::keyPairIsThere,
                  () -> report.create("key pair " + name, "the public half, for this user"));
        }
      }
      case Choice.Leave() -> {}
    }
  }

  private Optional<KeyPair> keyPair(String name) {
    return cloud.nova().keyPair(name, null);
  }

  private boolean isOther(KeyPair found) {
    return original.metadata().keyPair().filter(was -> !was.isSameKey(found)).isPresent();
  }

  private void keyPairIsThere(KeyPair found) {
    if (isOther(found)) {
      report.problem(
          "key pair " + found.name(),
          "this user has another key of that name: use it by its name, or set key_pair to none in a"
              + " plan");
    } else {
      report.reuse("key pair " + found.name(), "");
    }
  }

  private void serverGroup() {
    switch (plan.serverGroup()) {
      case Choice.Use(String name) ->
          find(
                  "server group",
                  name,
                  () -> cloud.nova().serverGroups().byNameOrId(name, Query.none()))
              .ifPresent(group -> report.reuse("server group " + group.name(), ""));
      case Choice.Create() ->
          report.create(
              "server group "
                  + original.metadata().serverGroups().stream()
                      .map(g -> g.name())
                      .findFirst()
                      .orElse(""),
              "");
      case Choice.Leave() -> {}
    }
  }

  private <T> Optional<T> find(String kind, String name, Supplier<T> question) {
    return Found.of(report, kind + " " + name, question);
  }
}
