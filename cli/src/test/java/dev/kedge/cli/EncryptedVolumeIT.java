package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.EncryptedVolume;
import dev.kedge.cli.testing.LabGuest;
import dev.kedge.cli.testing.Leftovers;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.RawDisk;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.barbican.SecretInfo;
import dev.kedge.openstack.barbican.VolumeKeys;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeSpec;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.testing.LabCloud;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A server with an encrypted volume, in an encrypted repository, lost and restored; QEMU reads what
 * is in it.
 */
@Tag("openstack")
@EnabledIfEnvironmentVariable(named = "KEDGE_LAB_OPENSTACK", matches = ".+")
final class EncryptedVolumeIT extends CliTest {
  private static final String CONTENT = "-P 0x5a 1M 8M";

  private final LabCloud lab = new LabCloud();
  private final OpenStack cloud = lab.demo();
  private final VolumeKeys keys = new VolumeKeys(cloud.barbican());
  private Path config;
  private Path target;

  @BeforeAll
  void prepare() throws IOException {
    config = newPath("kedge.yaml");
    Files.writeString(config, LabGuest.kedgeYaml());
    target = newPath("target");
    kedge()
        .with(Map.of("KEDGE_PASSPHRASE", EncryptedVolume.PASSPHRASE))
        .run("init", "--encrypt", "--target", target.toString())
        .exits(0);
    lab.later(new Leftovers(lab, cloud, lab.name(""))::remove);
  }

  @AfterAll
  void leave() {
    lab.close();
  }

  private Outcome instance(String... words) {
    List<String> line = new ArrayList<>(List.of("instance"));
    line.addAll(Arrays.asList(words));
    line.addAll(List.of("--target", target.toString()));
    return kedge()
        .hiding(EncryptedVolume.PASSPHRASE)
        .with(
            Map.of(
                "OS_CLOUD",
                "kedge-demo",
                "KEDGE_CONFIG",
                config.toString(),
                "KEDGE_PASSPHRASE",
                EncryptedVolume.PASSPHRASE))
        .run(line.toArray(String[]::new));
  }

  private Volume volume(String what, String type) {
    Volume volume = cloud.cinder().create(VolumeSpec.empty(lab.name(what), 1, type));
    return lab.waiter()
        .until(
            volume.label(),
            () -> cloud.cinder().volumes().get(volume.id()),
            Volume::state,
            Set.of("available"));
  }

  private String server(Volume root, Volume data) {
    cloud.cinder().setBootable(root.id(), true);
    // Nothing runs in it that could shut down.
    cloud.cinder().setImageMetadata(root.id(), Map.of("os_shutdown_timeout", "1"));
    ObjectNode fields =
        ApiJson.object()
            .put("name", lab.name("server"))
            .put("flavorRef", cloud.nova().flavors().byNameOrId("volume", Query.none()).id())
            .put("networks", "none");
    var devices = fields.putArray("block_device_mapping_v2");
    int index = 0;
    for (Volume volume : List.of(root, data)) {
      devices
          .addObject()
          .put("source_type", "volume")
          .put("destination_type", "volume")
          .put("uuid", volume.id())
          .put("boot_index", index--);
    }
    String id = cloud.nova().create(fields, null);
    lab.waiter()
        .until(
            "server " + id, () -> cloud.nova().servers().get(id), Server::state, Set.of("ACTIVE"));
    return id;
  }

  private Path passphrase(String keyId) throws IOException {
    Path file = newPath("passphrase");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.write(file, keys.passphrase(keyId).orElseThrow());
  }

  private boolean isThere(Volume volume) throws IOException {
    return RawDisk.encrypted(
        "volumes/volume-" + volume.id(),
        passphrase(Objects.requireNonNull(volume.encryptionKeyId())),
        "read " + CONTENT);
  }

  private String backUp() {
    return instance("backup", lab.name("server"), "--consistency", "crash", "--output", "json")
        .exits(0)
        .json()
        .get("instances")
        .get(0)
        .get("restorePoint")
        .asString();
  }

  @Test
  void anEncryptedVolumeIsReadWithItsNewKeyThoughTheOldOneIsGone() throws IOException {
    Volume root = volume("root", "ceph");
    Volume data = volume("data", "ceph-luks");
    String keyId = Objects.requireNonNull(data.encryptionKeyId());
    String image = "volumes/volume-" + data.id();
    assertThat(RawDisk.encrypted(image, passphrase(keyId), "write " + CONTENT)).isTrue();
    String server = server(root, data);
    String point = backUp();
    backUp();
    List<SecretInfo> copies = cloud.barbican().named(VolumeKeys.copyName(keyId));
    copies.forEach(copy -> lab.later(() -> cloud.barbican().delete(copy.id())));
    assertThat(copies).hasSize(1);

    assertThat(RawDisk.encrypted(image, passphrase(keyId), "write -P 0x11 2M 1M")).isTrue();
    String withFile =
        " --passphrase-file "
            + EncryptedVolume.passphraseFile(newPath("repository"), EncryptedVolume.PASSPHRASE);
    Outcome inPlace =
        instance(("restore " + point + " --in-place --disks vdb" + withFile).split(" "));
    assertThat(inPlace.exits(0).out()).contains("kedge restore --undo", withFile);
    assertThat(isThere(data)).isTrue();

    cloud.nova().servers().delete(server);
    lab.waiter().untilGone("server", () -> cloud.nova().servers().find(server), Server::state);
    for (Volume volume : List.of(root, data)) {
      cloud.cinder().volumes().delete(volume.id());
      lab.waiter()
          .untilGone("volume", () -> cloud.cinder().volumes().find(volume.id()), Volume::state);
    }
    assertThat(cloud.barbican().find(keyId)).isEmpty();
    String id =
        instance("restore", point, "--output", "json")
            .exits(0)
            .json()
            .get("instances")
            .get(0)
            .get("id")
            .asString();
    Volume restored = encryptedVolumeOf(id);
    assertThat(restored.encryptionKeyId()).isNotEqualTo(keyId);
    assertThat(isThere(restored)).isTrue();
    assertThat(
            RawDisk.encrypted(
                "volumes/volume-" + restored.id(), passphrase(keyId), "read " + CONTENT))
        .as("whether the old key still opens it")
        .isFalse();
    withoutAKeyItIsRefused(id, copies.getFirst(), point);
    nothingOnTheTargetSaysWhatItIs();
  }

  private void nothingOnTheTargetSaysWhatItIs() {
    assertThat(instance("list").exits(0).out()).contains(lab.name("server"));
    assertThat(Programs.status("grep", "-rqF", lab.name("server"), target.toString()).status())
        .isEqualTo(1);
    kedge()
        .run("instance", "list", "--target", target.toString())
        .fails(ErrorCode.AUTHENTICATION_FAILED.exitStatus(), "passphrase");
  }

  private Volume encryptedVolumeOf(String server) {
    return cloud.nova().volumeAttachments(server).stream()
        .map(attachment -> cloud.cinder().volumes().get(attachment.volumeId()))
        .filter(Volume::encrypted)
        .findFirst()
        .orElseThrow();
  }

  private void withoutAKeyItIsRefused(String server, SecretInfo copy, String point)
      throws IOException {
    String plan = instance("plan", point).exits(0).out();
    Path unencrypted = newPath("plan.yaml");
    Files.writeString(unencrypted, plan.replace("type: \"ceph-luks\"", "type: \"ceph\""));
    instance("restore", "--plan", unencrypted.toString())
        .fails(1, "volume type ceph is not", "everything that was made is removed again");
    cloud.barbican().delete(copy.id());
    Path whole = newPath("plan.yaml");
    Files.writeString(whole, plan);
    Outcome refused =
        instance("restore", "--plan", whole.toString(), "--dry-run")
            .exits(ErrorCode.REFUSED.exitStatus());
    assertThat(refused.out()).contains("kedge copy of volume key");
    assertThat(cloud.nova().servers().find(server)).isPresent();
  }
}
