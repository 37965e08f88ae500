package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Kedge;
import dev.kedge.cli.testing.LabGuest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Running;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.testing.LabCloud;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import tools.jackson.databind.JsonNode;

/** Backups of a server of the lab's OpenStack, whose guest goes on writing. */
@Tag("openstack")
@EnabledIfEnvironmentVariable(named = "KEDGE_LAB_OPENSTACK", matches = ".+")
final class InstanceBackupIT extends CliTest {
  private static final int LEFT_OUT = 11;
  private static final int NOT_FOUND = 3;

  private final LabCloud cloud = new LabCloud();
  private LabGuest guest;
  private Path config;

  @BeforeAll
  void boot() throws IOException {
    config = newPath("kedge.yaml");
    Files.writeString(config, LabGuest.kedgeYaml());
    guest = LabGuest.boot(cloud, "guest");
    guest.attachVolume("ceph2");
  }

  @AfterAll
  void leave() {
    cloud.close();
  }

  private Running start(String tenant, Path target, String... words) {
    return as(tenant).start(line(target, words));
  }

  private Outcome run(String tenant, Path target, String... words) {
    return as(tenant).run(line(target, words));
  }

  private Kedge as(String tenant) {
    return kedge().with(Map.of("OS_CLOUD", tenant, "KEDGE_CONFIG", config.toString()));
  }

  private static String[] line(Path target, String... words) {
    List<String> all = new ArrayList<>(List.of("instance", "backup"));
    all.addAll(Arrays.asList(words));
    all.addAll(List.of("--target", target.toString(), "--output", "json"));
    return all.toArray(String[]::new);
  }

  private Outcome backup(Path target, String... words) {
    List<String> all = new ArrayList<>(List.of(guest.name()));
    all.addAll(Arrays.asList(words));
    return run("kedge-demo", target, all.toArray(String[]::new));
  }

  private static JsonNode only(Outcome outcome) {
    JsonNode instances = outcome.json().get("instances");
    assertThat(instances.size()).as("%s", outcome).isEqualTo(1);
    return instances.get(0);
  }

  /** How many of our snapshots each disk has; other tests have other targets, thus their own. */
  private static Map<String, Integer> snapshots(JsonNode instance) {
    Map<String, Integer> counts = new HashMap<>();
    for (JsonNode disk : instance.get("disks")) {
      String image = disk.get("image").asString().substring("rbd:".length());
      List<String> names =
          Programs.run("rbd", "snap", "ls", image)
              .lines()
              .filter(line -> line.contains("backup."))
              .toList();
      assertThat(names)
          .filteredOn(name -> name.contains(disk.get("restorePoint").asString()))
          .hasSize(1);
      counts.put(image, names.size());
    }
    return counts;
  }

  @Test
  void everyDiskOfAFrozenGuestIsKeptAndIsWhatItsSnapshotHolds() {
    Path target = newPath("target");
    JsonNode first = only(backup(target).exits(0));
    Map<String, Integer> snapshots = snapshots(first);
    JsonNode second = only(backup(target).exits(0));
    assertThat(first.get("consistency").asString()).isEqualTo("agent");
    assertThat(second.get("freezeSeconds").asDouble()).isPositive();
    assertThat(second.get("sequence").asLong()).isEqualTo(2);
    assertThat(second.get("disks").size()).isEqualTo(2);
    for (JsonNode disk : second.get("disks")) {
      assertThat(disk.get("kind").asString()).isEqualTo("incremental");
      kedge()
          .run(
              "verify",
              disk.get("restorePoint").asString(),
              "--target",
              target.toString(),
              "--source",
              "--ceph-user",
              "kedge")
          .exits(0);
    }
    assertThat(snapshots(second)).isEqualTo(snapshots);
    Outcome shown =
        kedge()
            .run(
                "instance",
                "show",
                second.get("restorePoint").asString(),
                "--target",
                target.toString(),
                "--output",
                "json")
            .exits(0);
    JsonNode raw = shown.json().get("raw");
    assertThat(raw.get("server").get("id").asString()).isEqualTo(guest.id());
    for (String kept :
        List.of(
            "ports",
            "networks",
            "subnets",
            "routers",
            "routerPorts",
            "securityGroups",
            "volumes",
            "volumeTypes",
            "volumeAttachments",
            "interfaces")) {
      assertThat(raw.get(kept)).as(kept).isNotEmpty();
    }
    assertThat(raw.get("flavor").get("name").asString()).isEqualTo("small");
    assertThat(raw.get("image").get("name").asString()).isEqualTo("guest");
  }

  @Test
  void aKilledBackupLeavesNoGuestPausedAndTheNextOneCleansUp() {
    killWhen("pause", () -> !guest.runs());
  }

  @Test
  void aKilledBackupLeavesNoGuestFrozenAndTheNextOneCleansUp() {
    killWhen("agent", guest::isFrozen);
  }

  /** At the worst moment, as far as it is hit: the kill comes in any case. */
  private void killWhen(String consistency, BooleanSupplier moment) {
    Path target = newPath("target");
    Map<String, Integer> snapshots = snapshots(only(backup(target).exits(0)));
    for (int i = 0; i < THOROUGHNESS; i++) {
      Running running = start("kedge-demo", target, guest.name(), "--consistency", consistency);
      boolean hit = false;
      while (running.isAlive() && !hit) {
        hit = moment.getAsBoolean();
      }
      running.kill();
      guest.awaitGoesOn();
    }
    theNextOneIsClean(target, snapshots);
  }

  @Test
  void aBackupThatIsKilledAtAnyMomentIsCleanedUpByTheNextOne() throws InterruptedException {
    Path target = newPath("target");
    SplittableRandom random = new SplittableRandom(SEED);
    Running whole = start("kedge-demo", target, guest.name());
    Map<String, Integer> snapshots = snapshots(only(whole.await().exits(0)));
    long lifeMillis = whole.age().toMillis();
    for (int i = 0; i < 2 * THOROUGHNESS; i++) {
      Running running = start("kedge-demo", target, guest.name());
      Thread.sleep(random.nextLong(lifeMillis));
      running.kill();
      guest.awaitGoesOn();
    }
    theNextOneIsClean(target, snapshots);
  }

  private void theNextOneIsClean(Path target, Map<String, Integer> snapshots) {
    JsonNode next = only(backup(target).exits(0));
    assertThat(next.get("complete").asBoolean()).isTrue();
    assertThat(snapshots(next)).isEqualTo(snapshots);
    kedge().run("verify", "--all", "--target", target.toString()).exits(0);
  }

  @Test
  void aDiskThatIsNotOnCephIsNamedAndTheStatusSaysSo() {
    Volume nfs = guest.attachVolume("nfs");
    try {
      JsonNode instance = only(backup(newPath("target")).exits(LEFT_OUT));
      assertThat(instance.get("complete").asBoolean()).isFalse();
      assertThat(instance.get("disks"))
          .anySatisfy(disk -> {
            assertThat(disk.get("volumeId").asString()).isEqualTo(nfs.id());
            assertThat(disk.get("leftOut").asString()).isNotEmpty();
          });
    } finally {
      guest.deleteVolume(nfs);
    }
  }

  @Test
  void aVolumeCanBeDeletedThoughOurSnapshotIsOnIt() {
    Volume volume = guest.attachVolume("ceph");
    JsonNode instance = only(backup(newPath("target")).exits(0));
    assertThat(instance.get("disks").size()).isEqualTo(3);
    guest.deleteVolume(volume);
    assertThat(Programs.run("rbd", "-p", "volumes", "ls")).doesNotContain(volume.id());
    assertThat(Programs.run("rbd", "-p", "volumes", "trash", "ls")).doesNotContain(volume.id());
  }

  @Test
  void aTenantBacksUpHisOwnServersAndNoOther() {
    Path target = newPath("target");
    Outcome refused = run("kedge-other", target, guest.id());
    refused.exits(NOT_FOUND);
    assertThat(refused.err()).contains("not in this project");
    assertThat(target).doesNotExist();
    backup(target).exits(0);
  }

  @Test
  void aGuestThatIsOffNeedsNothing() {
    LabGuest off = LabGuest.boot(cloud, "off");
    off.stop();
    JsonNode instance = only(run("kedge-demo", newPath("target"), off.id()).exits(0));
    assertThat(instance.get("consistency").asString()).isEqualTo("stopped");
    assertThat(instance.get("freezeSeconds").asDouble()).isZero();
  }
}
