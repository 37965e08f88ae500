package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Kedge;
import dev.kedge.cli.testing.LabGuest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Running;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.testing.LabCloud;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import tools.jackson.databind.JsonNode;

/**
 * A tenant's restores of a server that was stopped, backed up and deleted with its volume on the
 * lab's OpenStack: what comes back is stopped, so that its disks can be compared.
 */
@Tag("openstack")
@EnabledIfEnvironmentVariable(named = "KEDGE_LAB_OPENSTACK", matches = ".+")
final class InstanceRestoreIT extends CliTest {
  private final LabCloud lab = new LabCloud();
  private final OpenStack cloud = lab.demo();
  private Path config;
  private Path target;
  private Port port;
  private String name;
  private JsonNode point;
  private Outcome whileItExisted;

  @BeforeAll
  void backUpAndDestroy() throws IOException {
    config = newPath("kedge.yaml");
    Files.writeString(config, LabGuest.kedgeYaml());
    target = newPath("target");
    LabGuest guest = LabGuest.boot(lab, "guest");
    Volume volume = guest.attachVolume("ceph2");
    port = cloud.neutron().ports().list(Query.of("device_id", guest.id())).getFirst();
    name = guest.name();
    guest.stop();
    Outcome backup =
        run("backup", guest.name(), "--consistency", "crash", "--output", "json").exits(0);
    point = backup.json().get("instances").get(0);
    whileItExisted = restore();
    guest.deleteVolume(volume);
    cloud.nova().servers().delete(guest.id());
    lab.waiter().untilGone(name, () -> cloud.nova().servers().find(guest.id()), Server::state);
  }

  @AfterEach
  void removeWhatCameBack() {
    List<Server> servers = cloud.nova().servers().named(name, Query.none());
    servers.forEach(server -> {
      cloud.nova().servers().delete(server.id());
      lab.waiter().untilGone(name, () -> cloud.nova().servers().find(server.id()), Server::state);
    });
    ports().forEach(found -> cloud.neutron().ports().delete(found.id()));
    for (Volume volume : volumes()) {
      cloud.cinder().volumes().delete(volume.id());
      lab.waiter()
          .untilGone(
              volume.label(), () -> cloud.cinder().volumes().find(volume.id()), Volume::state);
    }
  }

  @AfterAll
  void leave() {
    lab.close();
  }

  private Outcome run(String command, String... words) {
    return tenant().run(line(command, words));
  }

  private Kedge tenant() {
    return kedge().with(Map.of("OS_CLOUD", "kedge-demo", "KEDGE_CONFIG", config.toString()));
  }

  private String[] line(String command, String... words) {
    List<String> all = new ArrayList<>(List.of("instance", command));
    all.addAll(Arrays.asList(words));
    all.addAll(List.of("--target", target.toString()));
    return all.toArray(String[]::new);
  }

  private Outcome restore(String... words) {
    List<String> all = new ArrayList<>(List.of(point.get("restorePoint").asString()));
    all.addAll(Arrays.asList(words));
    return run("restore", all.toArray(String[]::new));
  }

  private List<Port> ports() {
    return cloud.neutron().ports().list(Query.of("mac_address", port.macAddress()));
  }

  private List<Volume> volumes() {
    return cloud.cinder().volumes().list(Query.none()).stream()
        .filter(volume -> volume.name().equals(lab.name("disk")))
        .toList();
  }

  private void cameBack(Outcome outcome) {
    JsonNode instance = outcome.exits(0).json().get("instances").get(0);
    assertThat(instance.get("status").asString()).isEqualTo("SHUTOFF");
    String id = instance.get("id").asString();
    Server server = cloud.nova().servers().get(id);
    assertThat(server.name()).isEqualTo(name);
    assertThat(server.metadata()).isEmpty();
    Port now = cloud.neutron().ports().list(Query.of("device_id", id)).getFirst();
    assertThat(now.macAddress()).isEqualTo(port.macAddress());
    assertThat(now.fixedIps()).isEqualTo(port.fixedIps());
    assertThat(now.securityGroupIds()).isEqualTo(port.securityGroupIds());
    String volume = cloud.nova().volumeAttachments(id).getFirst().volumeId();
    for (JsonNode disk : point.get("disks")) {
      boolean root = disk.get("role").asString().equals("root");
      isIdentical(disk, root ? "vms/" + id + "_disk" : "volumes2/volume-" + volume);
    }
  }

  private void isIdentical(JsonNode disk, String image) {
    Path was = Path.of(newPath("was") + ".raw");
    kedge()
        .run(
            "restore",
            disk.get("restorePoint").asString(),
            "--target",
            target.toString(),
            "--to",
            was.toString())
        .exits(0);
    Programs.run(
        "bash", "-c", "rbd export --no-progress '%s' - | cmp - '%s'".formatted(image, was));
  }

  @Test
  void anInstanceThatExistsIsRefused() {
    whileItExisted.fails(1, "exists", "--in-place");
  }

  @Test
  void aDryRunTouchesNothing() {
    Outcome outcome = restore("--dry-run", "--output", "json").exits(0);
    assertThat(outcome.json().get("possible").asBoolean()).isTrue();
    assertThat(ports()).isEmpty();
    assertThat(volumes()).isEmpty();
  }

  @Test
  void aDeletedInstanceComesBackAsItWas() {
    cameBack(restore("--output", "json"));
  }

  @Test
  void aRestoreThatFailsRemovesWhatItMade() throws IOException {
    String plan = run("plan", point.get("restorePoint").asString()).exits(0).out();
    Path file = newPath("plan.yaml");
    // No subnet has it, which Neutron says only when the port is made.
    Files.writeString(file, plan.replace(port.fixedIps().getFirst().address(), "192.0.2.7"));
    run("restore", "--plan", file.toString())
        .fails(1, "192.0.2.7", "everything that was made is removed again");
    assertThat(ports()).isEmpty();
    assertThat(volumes()).isEmpty();
    assertThat(cloud.nova().servers().named(name, Query.none())).isEmpty();
  }

  @Test
  void aRestoreThatWasKilledIsGoneOnWith() {
    Running running = tenant().start(line("restore", point.get("restorePoint").asString()));
    boolean hit = false;
    while (running.isAlive() && !hit) {
      hit = !cloud.nova().servers().named(name, Query.none()).isEmpty();
    }
    running.kill();
    assertThat(hit).isTrue();
    restore().fails(1, "--resume", "--clean-up");
    cameBack(restore("--resume", "--output", "json"));
  }
}
