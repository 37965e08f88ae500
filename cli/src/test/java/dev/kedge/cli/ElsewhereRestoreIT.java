package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.LabGuest;
import dev.kedge.cli.testing.Leftovers;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.RawDisk;
import dev.kedge.cli.testing.TenantWorld;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.glance.ImageSpec;
import dev.kedge.openstack.neutron.FloatingIp;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.restore.ProjectScope;
import dev.kedge.openstack.testing.LabCloud;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two servers of one tenant, of which nothing is left, their image and flavour included, restored
 * by a plan into a project that never saw them.
 */
@Tag("openstack")
@EnabledIfEnvironmentVariable(named = "KEDGE_LAB_OPENSTACK", matches = ".+")
final class ElsewhereRestoreIT extends CliTest {
  private static final int BYTES = 1 << 20;

  private final LabCloud lab = new LabCloud();
  private final OpenStack demo = lab.demo();
  private final Leftovers elsewhere = new Leftovers(lab, lab.other(), lab.name(""));
  private final Leftovers operators = new Leftovers(lab, lab.adminOfDemo(), lab.name(""));
  private Path config;
  private Path target;
  private TenantWorld world;
  private JsonNode fromVolume;
  private JsonNode fromImage;
  private String address;
  private List<String> contents;

  @BeforeAll
  void backUpAndDestroy() throws IOException {
    config = newPath("kedge.yaml");
    Files.writeString(config, LabGuest.kedgeYaml());
    target = newPath("target");
    lab.later(operators::remove);
    lab.later(elsewhere::remove);
    world = new TenantWorld(lab);
    String imageServer = imageServer();
    address =
        demo.neutron().floatingIps().list(Query.none()).stream()
            .filter(found -> found.raw().toString().contains(lab.name("address")))
            .map(FloatingIp::address)
            .findFirst()
            .orElseThrow();
    JsonNode instances =
        run(
                "kedge-demo",
                "backup",
                world.serverName(),
                lab.name("image-server"),
                "--consistency",
                "crash",
                "--output",
                "json")
            .exits(0)
            .json()
            .get("instances");
    fromVolume = instances.get(0);
    fromImage = instances.get(1);
    contents =
        List.of("", ".eph0", ".eph1").stream()
            .map(ending -> RawDisk.digest("vms/" + imageServer + "_disk" + ending))
            .toList();
    operators.remove();
    world.leftovers().remove();
    assertThat(world.leftovers().all()).isEmpty();
  }

  @AfterEach
  void removeWhatCameBack() {
    elsewhere.remove();
    operators.remove();
  }

  @AfterAll
  void leave() {
    lab.close();
  }

  /**
   * With a flavour of its own and two ephemeral disks; nothing in it runs, so it need not be shut
   * down.
   */
  private String imageServer() {
    ObjectNode flavor =
        ApiJson.object()
            .put("name", lab.name("flavor"))
            .put("vcpus", 1)
            .put("ram", 96)
            .put("disk", 1)
            .put("OS-FLV-EXT-DATA:ephemeral", 2)
            .put("os-flavor-access:is_public", false);
    String flavorId = lab.adminOfDemo().nova().flavors().create(flavor).id();
    lab.adminOfDemo().nova().addExtraSpecs(flavorId, Map.of("hw_rng:allowed", "True"));
    lab.adminOfDemo().nova().allowFlavor(flavorId, ProjectScope.idOf(demo));
    ObjectNode fields =
        ApiJson.object().put("name", lab.name("image-server")).put("flavorRef", flavorId);
    String network = demo.neutron().networks().byNameOrId(lab.name("net"), Query.none()).id();
    fields.putArray("networks").addObject().put("uuid", network);
    String image = image();
    // Where Nova is told of further disks, it wants to be told of this one twice.
    fields.put("imageRef", image);
    var devices = fields.putArray("block_device_mapping_v2");
    devices
        .addObject()
        .put("source_type", "image")
        .put("destination_type", "local")
        .put("boot_index", 0)
        .put("uuid", image);
    for (int i = 0; i < 2; i++) {
      devices
          .addObject()
          .put("source_type", "blank")
          .put("destination_type", "local")
          .put("boot_index", -1)
          .put("volume_size", 1);
    }
    String id = demo.nova().create(fields, null);
    lab.waiter()
        .until(
            "server " + id, () -> demo.nova().servers().get(id), Server::state, Set.of("ACTIVE"));
    RawDisk.scribble("vms/" + id + "_disk", 2);
    RawDisk.scribble("vms/" + id + "_disk.eph0", 3);
    RawDisk.scribble("vms/" + id + "_disk.eph1", 4);
    return id;
  }

  private String image() {
    String id =
        demo.glance()
            .create(
                new ImageSpec(
                    lab.name("image"),
                    "raw",
                    1,
                    0,
                    List.of(),
                    Map.of("os_shutdown_timeout", "1", "hw_rng_model", "virtio")))
            .id();
    demo.glance()
        .upload(id, () -> new ByteArrayInputStream(new byte[BYTES]), BYTES, Duration.ofMinutes(1));
    return id;
  }

  private Outcome run(String cloud, String... words) {
    List<String> line = new ArrayList<>(List.of("instance"));
    line.addAll(Arrays.asList(words));
    line.addAll(List.of("--target", target.toString()));
    return kedge()
        .with(Map.of("OS_CLOUD", cloud, "KEDGE_CONFIG", config.toString()))
        .run(line.toArray(String[]::new));
  }

  private static String id(JsonNode point) {
    return point.get("restorePoint").asString();
  }

  private String otherProject() {
    return ProjectScope.idOf(lab.other());
  }

  @Test
  void aTenantIsToldThatOnlyAnOperatorMakesTheFlavour() {
    Outcome outcome =
        run("kedge-demo", "restore", id(fromImage), "--dry-run")
            .exits(ErrorCode.REFUSED.exitStatus());
    assertThat(outcome.out())
        .containsPattern("(?m)^problem +flavour .*only an operator")
        .containsPattern("(?m)^create +image: an empty one");
    run("kedge-demo", "restore", id(fromImage)).fails(1, "nothing was touched", "flavour");
    assertThat(world.leftovers().all()).isEmpty();
  }

  @Test
  void anOperatorRestoresBothIntoAnotherProjectByOnePlan() throws IOException {
    String plan =
        run("kedge-admin", "plan", id(fromVolume), id(fromImage), "--project", otherProject())
            .exits(0)
            .out();
    Path file = newPath("plan.yaml");
    Files.writeString(
        file,
        plan.replace(world.serverName(), lab.name("moved"))
            .replace("type: \"ceph\"", "type: \"ceph2\"")
            .replaceFirst("(?s)(\"ephemeral1\":\\s+restore: )yes", "$1no"));
    String[] restore = {
      "restore", "--plan", file.toString(), "--project", otherProject(), "--output", "json"
    };
    List<String> dry = new ArrayList<>(Arrays.asList(restore));
    dry.add("--dry-run");
    Outcome dryRun = run("kedge-admin", dry.toArray(String[]::new));
    dryRun.exits(0);
    assertThat(dryRun.out()).contains("flavour " + lab.name("flavor")).contains(address);
    assertThat(elsewhere.all()).isEmpty();
    JsonNode instances = run("kedge-admin", restore).exits(0).json().get("instances");
    moved(instances.get(0).get("id").asString());
    remade(instances.get(1).get("id").asString());
    assertThat(world.leftovers().all().stream().filter(found -> !found.startsWith("flavour")))
        .isEmpty();
  }

  private void moved(String id) {
    OpenStack cloud = lab.other();
    Server server = cloud.nova().servers().get(id);
    assertThat(server.name()).isEqualTo(lab.name("moved"));
    assertThat(server.status()).isEqualTo("ACTIVE");
    String volumeId = cloud.nova().volumeAttachments(id).getFirst().volumeId();
    Volume volume = cloud.cinder().volumes().get(volumeId);
    assertThat(volume.typeName()).isEqualTo("ceph2");
    isIdentical(fromVolume.get("disks").get(0), "volumes2/volume-" + volumeId);
    Port port = cloud.neutron().ports().list(Query.of("device_id", id)).getFirst();
    assertThat(port.projectId()).isEqualTo(otherProject());
    assertThat(cloud.neutron().floatingIps().list(Query.of("port_id", port.id())))
        .extracting(FloatingIp::address)
        .containsExactly(address);
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
    assertThat(RawDisk.digest(image)).isEqualTo(RawDisk.digestOfFile(was));
  }

  private void remade(String id) {
    Server server = lab.other().nova().servers().get(id);
    assertThat(server.flavor().name()).isEqualTo(lab.name("flavor"));
    assertThat(server.flavor().ephemeralGib()).isEqualTo(2);
    assertThat(server.flavor().extraSpecs()).isEqualTo(Map.of("hw_rng:allowed", "True"));
    assertThat(RawDisk.digest("vms/" + id + "_disk")).isEqualTo(contents.get(0));
    assertThat(RawDisk.digest("vms/" + id + "_disk.eph0")).isEqualTo(contents.get(1));
    // It was left out: Nova made an empty one.
    assertThat(RawDisk.digest("vms/" + id + "_disk.eph1")).isNotEqualTo(contents.get(2));
    var flavor =
        lab.admin().nova().flavors().named(lab.name("flavor"), Query.of("is_public", "None"));
    assertThat(flavor.getFirst().isPublic()).isFalse();
    assertThat(flavor.getFirst().raw().get("description").isNull()).isTrue();
    var image = lab.other().glance().images().get("" + server.imageId());
    assertThat(image.properties()).doesNotContainKey("kedge_restore");
  }

  @Test
  void anotherTenantRestoresByNamingWhatHisProjectHas() throws IOException {
    String plan = run("kedge-other", "plan", id(fromVolume)).exits(0).out();
    String network =
        lab.other().neutron().networks().byNameOrId("other-private", Query.none()).id();
    Path file = newPath("plan.yaml");
    String mapped =
        plan.lines()
            .map(
                line -> line.startsWith("  \"") ? line.replace(": \"create\"", ": \"none\"") : line)
            .map(line ->
                line.contains("security_groups: [") ? "        security_groups: [default]" : line)
            .map(line -> line.contains("addresses: [") ? "        addresses: []" : line)
            .map(line -> line.contains("network: \"") ? "        network: " + network : line)
            .map(line -> line.contains("key_pair: ") ? "    key_pair: none" : line)
            .collect(Collectors.joining("\n"));
    Files.writeString(file, mapped);
    Outcome restored =
        run("kedge-other", "restore", "--plan", file.toString(), "--output", "json").exits(0);
    String id = restored.json().get("instances").get(0).get("id").asString();
    Port port = lab.other().neutron().ports().list(Query.of("device_id", id)).getFirst();
    assertThat(port.networkId()).isEqualTo(network);
    assertThat(elsewhere.all()).noneMatch(found -> found.startsWith("network"));
    String volumeId = lab.other().nova().volumeAttachments(id).getFirst().volumeId();
    isIdentical(fromVolume.get("disks").get(0), "volumes/volume-" + volumeId);
  }
}
