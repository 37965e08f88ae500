package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.InstanceCli;
import dev.kedge.cli.testing.LabGuest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Running;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.testing.LabCloud;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
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
import tools.jackson.databind.json.JsonMapper;

/**
 * A volume on the lab's NFS, not on Ceph, protected by {@code --non-ceph copy}, and in the end the
 * server's root disk, too, which a wrong kedge.yaml does not find on Ceph. The server is off, so
 * that its disks can be compared; the last test deletes both.
 */
@Tag("openstack")
@EnabledIfEnvironmentVariable(named = "KEDGE_LAB_OPENSTACK", matches = ".+")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class InstanceCopyIT extends CliTest {
  private static final String[] COPY = {"--non-ceph", "copy"};

  private final LabCloud lab = new LabCloud();
  private final OpenStack cloud = lab.demo();
  private InstanceCli cli;
  private InstanceCli blind;
  private LabGuest guest;
  private Volume volume;
  private JsonNode whileItRan;
  private JsonNode last;

  @BeforeAll
  void boot() {
    cli = new InstanceCli(kedge(), newPath("kedge.yaml"), LabGuest.kedgeYaml(), newPath("target"));
    blind =
        new InstanceCli(
            kedge(),
            newPath("kedge.yaml"),
            LabGuest.kedgeYaml().replace("nova: {pool: vms}", "nova: {pool: volumes2}"),
            cli.target());
    guest = LabGuest.boot(lab, "copied");
    volume = guest.attachVolume("nfs");
    whileItRan = backup();
    last = whileItRan;
    guest.stop();
  }

  @AfterAll
  void leave() {
    lab.close();
  }

  private String[] words() {
    return new String[] {"backup", guest.id(), COPY[0], COPY[1]};
  }

  private JsonNode backup() {
    return cli.run(words()).exits(0).json().get("instances").get(0);
  }

  private JsonNode copied(JsonNode instance) {
    return Stream.iterate(0, i -> i < instance.get("disks").size(), i -> i + 1)
        .map(instance.get("disks")::get)
        .filter(disk -> volume.id().equals(disk.get("volumeId").asString()))
        .findFirst()
        .orElseThrow();
  }

  /** Snapshots, volumes and images of copies that are there. */
  private List<String> temporary() {
    return Stream.of(
            cloud.cinder().snapshots().list(Query.none()),
            cloud.cinder().volumes().list(Query.none()),
            cloud.glance().images().list(Query.none()))
        .flatMap(List::stream)
        .map(ApiResource::name)
        .filter(name -> name.startsWith("backup."))
        .toList();
  }

  /** The file that Cinder has a volume in now, whatever snapshots it has had. */
  private static Path nfsFile(String volumeId) {
    String name = "volume-" + volumeId;
    Path mounts =
        Path.of(Objects.requireNonNull(System.getenv("KEDGE_LAB_OPENSTACK")), "nfs", "mnt");
    try (Stream<Path> files = Files.walk(mounts)) {
      List<Path> found =
          files.filter(file -> String.valueOf(file.getFileName()).startsWith(name)).toList();
      Path info = found.getFirst().resolveSibling(name + ".info");
      String active =
          Files.exists(info)
              ? new JsonMapper().readTree(Files.readString(info)).path("active").asString(name)
              : name;
      return info.resolveSibling(active);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void isWhatTheFileHolds(JsonNode disk, String volumeId) {
    Path raw = Path.of(newPath("copied") + ".raw");
    cli.restore(disk.get("restorePoint").asString(), raw);
    assertThat(
            Programs.run(
                "qemu-img", "compare", "-f", "raw", raw.toString(), nfsFile(volumeId).toString()))
        .contains("identical");
  }

  @Test
  @Order(1)
  void aRunningGuestsVolumeIsCopiedAndItsMomentIsTold() {
    JsonNode disk = copied(whileItRan);
    assertThat(disk.get("kind").asString()).isEqualTo("full");
    assertThat(disk.get("image").asString()).isEqualTo("cinder:" + volume.id());
    assertThat(disk.get("storedBytes").asLong()).isBetween(1L, disk.get("sizeBytes").asLong() / 2);
    assertThat(whileItRan.get("complete").asBoolean()).isTrue();
    assertThat(whileItRan.get("notes").toString()).contains("not of the same moment");
    assertThat(temporary()).isEmpty();
  }

  @Test
  @Order(2)
  void aCopyThatWasKilledIsCleanedUpByTheNextBackupOrByCleanUp() {
    killWhen(() -> !temporary().isEmpty());
    cli.run("clean-up").exits(0);
    assertThat(temporary()).isEmpty();
    killWhen(() ->
        cloud.glance().images().list(Query.none()).stream()
            .anyMatch(image -> image.name().startsWith("backup.")));
    last = backup();
    assertThat(temporary()).isEmpty();
    JsonNode disk = copied(last);
    assertThat(disk.get("kind").asString()).isEqualTo("rebased");
    assertThat(last.get("notes").toString()).doesNotContain("not of the same moment");
    isWhatTheFileHolds(disk, volume.id());
    cli.isSound();
    Outcome listed =
        kedge()
            .run(
                "list", "cinder:" + volume.id(), "--target", cli.target().toString(), "-o", "json");
    assertThat(listed.exits(0).json().get("restorePoints").size()).isEqualTo(2);
  }

  private void killWhen(BooleanSupplier moment) {
    Running running = cli.start("kedge-demo", words());
    boolean hit = false;
    while (running.isAlive() && !hit) {
      hit = moment.getAsBoolean();
    }
    running.kill();
    assertThat(hit).isTrue();
    assertThat(temporary()).isNotEmpty();
  }

  private static JsonNode rootOf(JsonNode instance) {
    JsonNode root = instance.get("disks").get(0);
    assertThat(root.get("role").asString()).isEqualTo("root");
    return root;
  }

  private void isWhatTheImageHolds(JsonNode disk, String image) {
    Path raw = Path.of(newPath("root") + ".raw");
    cli.restore(disk.get("restorePoint").asString(), raw);
    String conf = System.getenv("CEPH_CONF");
    assertThat(
            Programs.run(
                "qemu-img",
                "compare",
                "-f",
                "raw",
                raw.toString(),
                "rbd:" + image + ":conf=" + conf))
        .contains("identical");
  }

  @Test
  @Order(3)
  void aRootDiskThatNovaKeepsElsewhereIsCopiedThroughAnImage() {
    last = blind.run(words()).exits(0).json().get("instances").get(0);
    JsonNode root = rootOf(last);
    assertThat(root.get("image").asString()).isEqualTo("nova:" + guest.id());
    assertThat(root.get("kind").asString()).isEqualTo("full");
    isWhatTheImageHolds(root, "vms/" + guest.id() + "_disk");
    JsonNode disk = copied(last);
    assertThat(disk.get("storedBytes").asLong()).as("nothing was written since").isZero();
    assertThat(disk.get("readBytes").asLong()).isEqualTo(disk.get("sizeBytes").asLong());
    assertThat(temporary()).isEmpty();
  }

  @Test
  @Order(4)
  void aDeletedInstanceGetsItsVolumeBackInItsTypeAndItsRootDiskFromAnImage() {
    guest.deleteVolume(volume);
    Programs.run("rbd", "snap", "purge", "--no-progress", "vms/" + guest.id() + "_disk");
    guest.delete();
    JsonNode restored =
        cli.run("restore", last.get("restorePoint").asString())
            .exits(0)
            .json()
            .get("instances")
            .get(0);
    Server server = cloud.nova().servers().get(restored.get("id").asString());
    lab.later(() -> remove(server));
    String id = cloud.nova().volumeAttachments(server.id()).getFirst().volumeId();
    Volume now = cloud.cinder().volumes().get(id);
    assertThat(now.typeName()).isEqualTo("nfs");
    assertThat(now.bootable()).isFalse();
    assertThat(now.imageMetadata()).isEmpty();
    assertThat(now.metadata()).isEmpty();
    isWhatTheFileHolds(copied(last), id);
    isWhatTheImageHolds(rootOf(last), "images/" + server.imageId());
    assertThat(cloud.glance().images().get(String.valueOf(server.imageId())).properties())
        .containsEntry("hw_qemu_guest_agent", "yes")
        .doesNotContainKey("kedge_restore");
    assertThat(cloud.glance().images().list(Query.none()))
        .noneMatch(image -> image.name().contains(id));
  }

  private void remove(Server server) {
    List<String> volumes =
        cloud.nova().volumeAttachments(server.id()).stream().map(a -> a.volumeId()).toList();
    List<String> ports =
        cloud.neutron().ports().list(Query.of("device_id", server.id())).stream()
            .map(ApiResource::id)
            .toList();
    cloud.nova().servers().delete(server.id());
    lab.waiter()
        .untilGone(server.label(), () -> cloud.nova().servers().find(server.id()), Server::state);
    volumes.forEach(cloud.cinder().volumes()::delete);
    ports.forEach(cloud.neutron().ports()::delete);
    cloud.glance().images().delete(String.valueOf(server.imageId()));
  }
}
