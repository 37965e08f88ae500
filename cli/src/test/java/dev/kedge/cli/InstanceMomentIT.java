package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.InstanceCli;
import dev.kedge.cli.testing.LabGuest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Running;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.testing.LabCloud;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import tools.jackson.databind.JsonNode;

/** Two servers of one moment, with disks of every kind; the last test stops one of them. */
@Tag("openstack")
@EnabledIfEnvironmentVariable(named = "KEDGE_LAB_OPENSTACK", matches = ".+")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class InstanceMomentIT extends CliTest {
  private static final int PERMISSION_DENIED = 9;
  private static final int INTERRUPTED = 130;

  private final LabCloud cloud = new LabCloud();
  private LabGuest first;
  private LabGuest second;
  private Volume data;
  private Volume encrypted;
  private InstanceCli cli;

  @BeforeAll
  void boot() {
    List<LabGuest> guests = LabGuest.bootAll(cloud, "first", "second");
    first = guests.getFirst();
    second = guests.getLast();
    data = first.attachVolume("ceph2");
    encrypted = first.attachVolume("ceph-luks");
    cli = cli(LabGuest.kedgeYaml());
  }

  @AfterAll
  void leave() {
    cloud.close();
  }

  private InstanceCli cli(String yaml) {
    return new InstanceCli(kedge(), newPath("kedge.yaml"), yaml, newPath("target"));
  }

  private List<JsonNode> backUpBoth() {
    JsonNode instances =
        cli.run("backup", first.id(), second.id()).exits(0).json().get("instances");
    return List.of(instances.get(0), instances.get(1));
  }

  private JsonNode backUpFirst(String... options) {
    List<String> words = new ArrayList<>(List.of("backup", first.id()));
    words.addAll(List.of(options));
    return cli.run(words.toArray(String[]::new)).exits(0).json().get("instances").get(0);
  }

  private static JsonNode disk(JsonNode instance, Volume volume) {
    JsonNode disks = instance.get("disks");
    return Stream.iterate(0, i -> i < disks.size(), i -> i + 1)
        .map(disks::get)
        .filter(disk -> volume.id().equals(disk.get("volumeId").asString("")))
        .findFirst()
        .orElseThrow(() -> new AssertionError(volume.id() + " is not in " + disks));
  }

  private long ourSnapshots(String image) {
    return Programs.run("rbd", "snap", "ls", image)
        .lines()
        .filter(line -> line.contains("backup."))
        .count();
  }

  private void isWhatItsSnapshotHolds(JsonNode disk) {
    Outcome verified =
        kedge()
            .run(
                "verify",
                disk.get("restorePoint").asString(),
                "--target",
                cli.target().toString(),
                "--source",
                "--ceph-user",
                "kedge");
    verified.exits(0);
  }

  @Test
  @Order(1)
  void anEncryptedVolumeIsKeptAsCiphertextWithItsKeysReference() throws IOException {
    JsonNode disk = disk(backUpFirst(), encrypted);
    assertThat(disk.get("encryptionKeyId").asString()).isEqualTo(encrypted.encryptionKeyId());
    Path raw = Path.of(newPath("luks") + ".raw");
    cli.restore(disk.get("restorePoint").asString(), raw);
    try (var stream = Files.newInputStream(raw)) {
      assertThat(new String(stream.readNBytes(4), StandardCharsets.ISO_8859_1)).isEqualTo("LUKS");
    }
    isWhatItsSnapshotHolds(disk);
  }

  @Test
  @Order(2)
  void aDiskThatGrewIsKeptWithItsNewEndByAnIncrement() {
    long before = disk(backUpFirst(), data).get("sizeBytes").asLong();
    cloud.demo().cinder().extend(data.id(), 2);
    first.awaitStatus(data, "in-use");
    JsonNode disk = disk(backUpFirst(), data);
    assertThat(disk.get("sizeBytes").asLong()).isEqualTo(2 * before);
    assertThat(disk.get("kind").asString()).isEqualTo("incremental");
    isWhatItsSnapshotHolds(disk);
  }

  @Test
  @Order(3)
  void aBackupThatIsStoppedWhileTheGuestStandsStillLetsItGoAndCleansUp() {
    long snapshots = ourSnapshots("vms/" + first.id() + "_disk");
    first.setFreezeHook("sleep 5");
    interrupt("agent", InstanceMomentIT::asksTheAgentToFreeze);
    first.setFreezeHook("true");
    interrupt("pause", _ -> !first.runs());
    assertThat(ourSnapshots("vms/" + first.id() + "_disk")).isEqualTo(snapshots);
    assertThat(backUpFirst().get("complete").asBoolean()).isTrue();
    cli.isSound();
  }

  /** Again where the moment was over before it was seen. */
  private void interrupt(String how, Predicate<Running> moment) {
    int attempts = 5;
    Outcome ended;
    do {
      Running running =
          cli.startWithSignals("kedge-demo", "backup", first.id(), "--consistency", how);
      boolean hit = false;
      while (running.isAlive() && !hit) {
        hit = moment.test(running);
      }
      Programs.status("kill", "-INT", Long.toString(running.pid()));
      ended = running.await();
      first.awaitGoesOn();
    } while (ended.status() == 0 && --attempts > 0);
    ended.exits(INTERRUPTED);
  }

  private static boolean asksTheAgentToFreeze(Running running) {
    return ProcessHandle.of(running.pid()).stream()
        .flatMap(ProcessHandle::descendants)
        .anyMatch(child -> child.info().commandLine().orElse("").contains("domfsfreeze"));
  }

  @Test
  @Order(4)
  void aUserOfCephWhoMayNotReachEveryDiskGetsNothingHalf() {
    String name = cloud.name("cephuser");
    Path keyring = newPath("keyring");
    Programs.run(
        "ceph",
        "auth",
        "get-or-create",
        "client." + name,
        "mon",
        "profile rbd",
        "osd",
        "profile rbd pool=vms, profile rbd-read-only pool=images",
        "-o",
        keyring.toString());
    try {
      InstanceCli delegated =
          cli(
              LabGuest.kedgeYaml()
                  .replace("user: kedge", "user: %s, keyring: %s".formatted(name, keyring)));
      long snapshots = ourSnapshots("vms/" + first.id() + "_disk");
      Outcome refused = delegated.run("backup", first.id());
      refused.exits(PERMISSION_DENIED);
      assertThat(refused.err()).contains("volumes");
      assertThat(ourSnapshots("vms/" + first.id() + "_disk")).isEqualTo(snapshots);
      // What is delegated to him he can back up.
      delegated.run("backup", second.id(), "--consistency", "crash").exits(0);
    } finally {
      Programs.run("ceph", "auth", "rm", "client." + name);
    }
  }

  @Test
  @Order(5)
  void anAgentThatHangsIsNotWaitedFor() {
    first.hangAgent(20);
    JsonNode hung = backUpFirst();
    assertThat(hung.get("consistency").asString()).isEqualTo("pause");
    assertThat(hung.get("notes").toString()).contains("were not frozen");
    first.awaitGoesOn();
  }

  @Test
  @Order(6)
  void anAgentThatHangsInTheFreezeCostsItsTimeoutAndLeavesTheGuestThawed() {
    first.setFreezeHook("sleep 15");
    JsonNode hung = backUpFirst("--freeze-timeout", "5");
    assertThat(hung.get("consistency").asString()).isEqualTo("crash");
    assertThat(hung.get("complete").asBoolean()).isTrue();
    first.awaitGoesOn();
    first.setFreezeHook("true");
    assertThat(backUpFirst().get("consistency").asString()).isEqualTo("agent");
    cli.isSound();
  }

  @Test
  @Order(7)
  void severalServersAreOfOneMomentAndTheirCommonVolumeIsKeptOnce() {
    Volume shared = first.attachVolume("ceph-multiattach");
    second.attach(shared);
    List<JsonNode> both = backUpBoth();
    assertThat(both.getFirst().get("momentId")).isEqualTo(both.getLast().get("momentId"));
    assertThat(disk(both.getFirst(), shared).get("restorePoint"))
        .isEqualTo(disk(both.getLast(), shared).get("restorePoint"));
    assertThat(ourSnapshots("volumes/volume-" + shared.id())).isEqualTo(1);
    isWhatItsSnapshotHolds(disk(both.getFirst(), shared));
    second.detach(shared);
    second.stop();
    List<JsonNode> again = backUpBoth();
    assertThat(again.getFirst().get("consistency").asString()).isEqualTo("agent");
    assertThat(again.getLast().get("consistency").asString()).isEqualTo("stopped");
    assertThat(again.getFirst().get("momentId")).isEqualTo(again.getLast().get("momentId"));
    assertThat(disk(again.getFirst(), shared).get("kind").asString()).isEqualTo("incremental");
  }

  @Test
  @Order(8)
  void anotherTenantCanRestoreNothingOfIt() {
    String point = backUpFirst("--consistency", "crash").get("restorePoint").asString();
    Outcome refused = cli.runAs("kedge-other", "restore", point);
    assertThat(refused.status()).isIn(1, 3, PERMISSION_DENIED);
    assertThat(cloud.other().nova().servers().list(Query.none()))
        .noneMatch(server -> server.name().equals(first.name()));
  }
}
