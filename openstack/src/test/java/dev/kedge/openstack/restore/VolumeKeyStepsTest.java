package dev.kedge.openstack.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.engine.RbdLocation;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.barbican.VolumeKeys;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.cloud.Surroundings;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.openstack.testing.FakeCloud;
import dev.kedge.openstack.testing.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encrypted images on a real Ceph, which QEMU makes and reads; only Barbican is played. */
final class VolumeKeyStepsTest {
  private static final String OLD = "00112233445566770011223344556677";
  private static final String NEW = "7f6e5d4c3b2a19087766554433221100";
  private static final String SECRETS = "/key-manager/v1/secrets";

  private final LabCeph lab = LabCeph.connect();
  private final FakeCloud fake = FakeCloud.start();
  private final OpenStack cloud = new OpenStack(fake.config());
  private final String image = lab.removeLater(lab.pool(), LabCeph.uniqueName("luks"));
  @TempDir private Path folder;

  @BeforeEach
  void encrypt() throws IOException, InterruptedException {
    fake.setCatalog(fake.endpoint("key-manager", "/key-manager/v1"));
    fake.answer("GET " + SECRETS, secrets());
    secret("old", "a key", OLD);
    secret("new", "a key", NEW);
    Path file = folder.resolve("volume");
    for (int attempt = 0; ; attempt++) {
      // QEMU measures the processor first, and at times gives up.
      if (run(
              "qemu-img",
              "create",
              "-f",
              "luks",
              "--object",
              "secret,id=s,data=" + OLD,
              "-o",
              "key-secret=s,iter-time=10",
              file.toString(),
              "8M")
          == 0) {
        break;
      }
      assertThat(attempt).isLessThan(20);
    }
    lab.rbd("import", "--no-progress", file.toString(), LabCeph.POOL + "/" + image);
    assertThat(io(OLD, "write -P 0x5a 1M 2M")).isTrue();
  }

  @AfterEach
  void close() {
    cloud.close();
    fake.close();
    lab.close();
  }

  private static Reply secrets(String... descriptions) {
    return Reply.ok("{\"secrets\": [" + String.join(", ", descriptions) + "], \"total\": 1}");
  }

  private String secret(String id, String name, String hexadecimal) {
    String description =
        """
        {"secret_ref": "%s/%s", "name": "%s", "secret_type": "symmetric", "bit_length": 128}\
        """
            .formatted(fake.url(SECRETS), id, name);
    fake.answer("GET " + SECRETS + "/" + id, Reply.ok(description));
    // The fake speaks text: bytes below 0x80 come through as they are.
    fake.answer(
        "GET " + SECRETS + "/" + id + "/payload",
        new Reply(
            200,
            Map.of(),
            new String(HexFormat.of().parseHex(hexadecimal), StandardCharsets.US_ASCII)));
    return description;
  }

  private boolean io(String passphrase, String command) throws IOException, InterruptedException {
    return run(
            "qemu-io",
            "--object",
            "secret,id=s,data=" + passphrase,
            "--image-opts",
            "driver=luks,key-secret=s,file.driver=rbd,file.pool=%s,file.image=%s,file.conf=%s"
                .formatted(LabCeph.POOL, image, LabCeph.confOfLab()),
            "-c",
            command)
        == 0;
  }

  private static int run(String... words) throws IOException, InterruptedException {
    return new ProcessBuilder(List.of(words))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private void change(String wasKeyId, String keyId) {
    KedgeConfig config =
        KedgeConfig.parse(
                "{backends: {'*': {pool: %s}}}".formatted(LabCeph.POOL),
                "kedge.yaml",
                new Surroundings(Map.of(), Path.of("/"), Path.of("/"), Path.of("/")))
            .withCluster("default", lab.options());
    Volume volume =
        Volume.of(
            ApiObject.kept(
                ApiJson.object()
                    .put("id", "v")
                    .put("name", "data")
                    .put("status", "available")
                    .put("size", 1)
                    .put("encrypted", true)
                    .put("encryption_key_id", keyId),
                "a volume"));
    try (CephClusters clusters = new CephClusters(config.clusters())) {
      new VolumeKeySteps(new VolumeKeys(cloud.barbican()), clusters)
          .change(volume, wasKeyId, "default", new RbdLocation(LabCeph.POOL, "", image));
    }
  }

  private boolean isReadBy(String passphrase) throws IOException, InterruptedException {
    return io(passphrase, "read -P 0x5a 1M 2M");
  }

  @Test
  void theNewKeyReadsWhatTheOldOneWroteHoweverOftenItIsSet() throws Exception {
    change("old", "new");
    assertThat(isReadBy(NEW)).isTrue();
    assertThat(isReadBy(OLD)).isFalse();
    change("old", "new");
    assertThat(isReadBy(NEW)).isTrue();
  }

  @Test
  void aCopyServesWhereTheKeyIsGone() throws Exception {
    String copy = secret("copy", VolumeKeys.copyName("gone"), OLD);
    fake.answer("GET " + SECRETS, secrets(copy));
    change("gone", "new");
    assertThat(isReadBy(NEW)).isTrue();
  }

  @Test
  void withoutTheRightKeyNothingChanges() throws Exception {
    assertThatThrownBy(() -> change("gone", "new")).hasMessageContaining("nor a copy of it");
    secret("wrong", "a key", "01010101010101010101010101010101");
    assertThatThrownBy(() -> change("wrong", "new"))
        .hasMessageContaining("volume data")
        .hasMessageContaining("does not open");
    assertThat(isReadBy(OLD)).isTrue();
  }

  @Test
  void theSameKeyNeedsNothing() throws Exception {
    change("old", "old");
    assertThat(isReadBy(OLD)).isTrue();
    assertThat(fake.received("GET " + SECRETS + "/old/payload")).isEmpty();
  }

  @Test
  void anotherVersionIsRefusedWithTheWayOut() throws Exception {
    String raw = "rbd:%s/%s:conf=%s".formatted(LabCeph.POOL, image, LabCeph.confOfLab());
    assertThat(run("qemu-io", "-f", "raw", "-c", "write -P 2 7 1", raw)).isZero();
    assertThatThrownBy(() -> change("old", "new"))
        .hasMessageContaining("volume data")
        .hasMessageContaining("LUKS version 2")
        .hasMessageContaining("'kedge restore', and open it there with key old");
  }
}
