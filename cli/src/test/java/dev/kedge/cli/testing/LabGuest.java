package dev.kedge.cli.testing;

import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeSpec;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.nova.Nova;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.testing.LabCloud;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** A tenant's server on the lab's OpenStack, whose guest writes every second to all its disks. */
public final class LabGuest {
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final LabCloud cloud;
  private final Server server;

  private LabGuest(LabCloud cloud, Server server) {
    this.cloud = cloud;
    this.server = server;
  }

  /** Boots one from the lab's image; it goes when the cloud is closed. */
  public static LabGuest boot(LabCloud cloud, String what) {
    return bootAll(cloud, what).getFirst();
  }

  /** Boots several at a time. */
  public static List<LabGuest> bootAll(LabCloud cloud, String... names) {
    List<String> ids = Stream.of(names).map(name -> create(cloud, name)).toList();
    List<LabGuest> guests = new ArrayList<>();
    for (String id : ids) {
      Nova nova = cloud.demo().nova();
      guests.add(
          new LabGuest(
              cloud,
              cloud
                  .waiter()
                  .until(
                      "server " + id,
                      () -> nova.servers().get(id),
                      Server::state,
                      Set.of("ACTIVE"))));
    }
    guests.forEach(guest -> await("the agent of " + guest.id(), guest::answers));
    return guests;
  }

  private static String create(LabCloud cloud, String what) {
    Nova nova = cloud.demo().nova();
    ObjectNode fields =
        ApiJson.object()
            .put("name", cloud.name(what))
            .put("flavorRef", nova.flavors().byNameOrId("small", Query.none()).id())
            .put("imageRef", cloud.demo().glance().images().byNameOrId("guest", Query.none()).id());
    fields
        .putArray("networks")
        .addObject()
        .put("uuid", cloud.demo().neutron().networks().byNameOrId("private", Query.none()).id());
    String id = nova.create(fields, null);
    cloud.later(() -> {
      // Nova tries for a minute to remove a disk with a snapshot, and then leaves it behind.
      Programs.status("rbd", "snap", "purge", "vms/" + id + "_disk");
      nova.servers().delete(id);
      cloud.waiter().untilGone("server " + id, () -> nova.servers().find(id), Server::state);
    });
    return id;
  }

  /** Its id, which is also libvirt's. */
  public String id() {
    return server.id();
  }

  /** Its name. */
  public String name() {
    return server.name();
  }

  /** Gives it a volume of 1 GiB of that type. */
  public Volume attachVolume(String type) {
    Volume made = cloud.demo().cinder().create(VolumeSpec.empty(cloud.name("disk"), 1, type));
    await(made.id(), () -> status(made).equals("available"));
    cloud.later(() -> deleteVolume(made));
    attach(made);
    return made;
  }

  /** Gives it a volume that exists. */
  public void attach(Volume volume) {
    cloud.demo().nova().attachVolume(id(), volume.id(), ApiJson.object());
    await(
        volume.id(),
        () ->
            cloud.demo().cinder().volumes().get(volume.id()).uses().stream()
                .anyMatch(use -> id().equals(use.serverId())));
    await(volume.id(), () -> status(volume).equals("in-use"));
  }

  /** Takes a volume from it, and deletes it; nothing where that was done. */
  public void deleteVolume(Volume volume) {
    if (cloud.demo().cinder().volumes().find(volume.id()).isEmpty()) {
      return;
    }
    detach(volume);
    await(volume.id(), () -> status(volume).equals("available"));
    cloud.demo().cinder().volumes().delete(volume.id());
    await(volume.id(), () -> cloud.demo().cinder().volumes().find(volume.id()).isEmpty());
  }

  /** Takes a volume from it, where it has it. */
  public void detach(Volume volume) {
    cloud.demo().nova().detachVolume(id(), volume.id());
    await(
        volume.id(),
        () ->
            cloud.demo().cinder().volumes().get(volume.id()).uses().stream()
                .noneMatch(use -> id().equals(use.serverId())));
  }

  /** Has Nova delete it, and waits until Nova says that it is gone. */
  public void delete() {
    Nova nova = cloud.demo().nova();
    nova.servers().delete(id());
    cloud.waiter().untilGone("server " + id(), () -> nova.servers().find(id()), Server::state);
  }

  /**
   * Has the guest run a shell's command, and does not wait for it.
   *
   * @param command without double quotes and backslashes
   */
  public void spawn(String command) {
    Programs.status(
        "virsh",
        "-q",
        "qemu-agent-command",
        id(),
        """
        {"execute":"guest-exec","arguments":{"path":"/bin/sh","arg":["-c","%s"]}}\
        """
            .formatted(command),
        "--timeout",
        "5");
  }

  /** Shuts it down. */
  public void stop() {
    cloud.demo().nova().stop(id());
    await(id(), () -> cloud.demo().nova().servers().get(id()).status().equals("SHUTOFF"));
  }

  /** Waits until one of its volumes is in a status. */
  public void awaitStatus(Volume volume, String status) {
    await(volume.id(), () -> status(volume).equals(status));
  }

  /** Has its agent answer nothing for so many of the guest's seconds. */
  public void hangAgent(int seconds) {
    spawn("(sleep %d; kill -CONT $(pidof qemu-ga)) &".formatted(seconds));
    spawn("kill -STOP $(pidof qemu-ga)");
    await("its agent hangs", () -> !answers());
  }

  /** Has its agent run a command before it freezes anything, as hooks of databases do. */
  public void setFreezeHook(String command) {
    run(
        """
        mkdir -p /opt
        printf '#!/bin/sh\\n[ "$1" != freeze ] || %s\\n' > /opt/freeze-hook && chmod +x /opt/freeze-hook
        [ -e /opt/qemu-ga ] || {
          mv /usr/sbin/qemu-ga /opt/qemu-ga
          printf '#!/bin/sh\\nexec /opt/qemu-ga -F/opt/freeze-hook "$@"\\n' > /usr/sbin/qemu-ga
          chmod +x /usr/sbin/qemu-ga
        }\
        """
            .formatted(command));
    if (!hasHook()) {
      spawn("kill $(pidof qemu-ga)");
      await("its agent knows the hook", this::hasHook);
    }
  }

  private boolean hasHook() {
    return Programs.status(shell("cat /proc/$(pidof qemu-ga)/cmdline"))
        .out()
        .contains("-F/opt/freeze-hook");
  }

  private String status(Volume volume) {
    return cloud.demo().cinder().volumes().get(volume.id()).status();
  }

  /** Runs a shell command in it, which must succeed, and returns what it printed. */
  public String run(String command) {
    return Programs.run(shell(command));
  }

  private String[] shell(String command) {
    return new String[] {
      System.getenv("KEDGE_ROOT") + "/lab/openstack.d/guest-exec.py",
      Objects.requireNonNull(System.getenv("LIBVIRT_DEFAULT_URI")),
      id(),
      command
    };
  }

  /** Whether its processors run. */
  public boolean runs() {
    return Programs.run("virsh", "-q", "domstate", id()).strip().equals("running");
  }

  /** Whether its agent says that its file systems are frozen. */
  public boolean isFrozen() {
    return agent("guest-fsfreeze-status").contains("frozen");
  }

  private boolean answers() {
    return agent("guest-ping").contains("return");
  }

  private String agent(String command) {
    return Programs.status(
            "virsh",
            "-q",
            "qemu-agent-command",
            id(),
            "{\"execute\":\"" + command + "\"}",
            "--timeout",
            "5")
        .out();
  }

  /** Waits until its processors run and its file systems are thawed. */
  public void awaitGoesOn() {
    await("guest " + id(), () -> runs() && agent("guest-fsfreeze-status").contains("thawed"));
  }

  private static void await(String what, BooleanSupplier condition) {
    long endNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - endNanos > 0) {
        throw new AssertionError(what + " is not as wanted after " + PATIENCE);
      }
      try {
        Thread.sleep(300);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  /** kedge.yaml for the lab. */
  public static String kedgeYaml() {
    return """
    clusters: {lab: {conf: "%s", user: kedge}}
    backends: {ceph: {pool: volumes}, ceph2: {pool: volumes2}}
    nova: {pool: vms}
    libvirt: {uri: "%s"}
    """
        .formatted(
            Objects.requireNonNull(System.getenv("CEPH_CONF")),
            Objects.requireNonNull(System.getenv("LIBVIRT_DEFAULT_URI")));
  }
}
