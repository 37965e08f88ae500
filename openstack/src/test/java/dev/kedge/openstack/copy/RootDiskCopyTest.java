package dev.kedge.openstack.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.backup.StreamSource;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.disks.DiskSource;
import dev.kedge.openstack.disks.NovaDiskKind;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.testing.FakeCloud;
import dev.kedge.openstack.testing.Reply;
import dev.kedge.repository.ImageIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Formats and refusals that the lab's Nova, whose disks are on Ceph, does not show. */
final class RootDiskCopyTest {
  private static final String NAME = "backup.5e9a52f5-3f0e-4c39-93c8-6a2b6e1d2f10.snap.1";
  private static final String CONTENT = "what the disk holds";
  private static final String SERVER = "/compute/v2.1/servers/s1";
  private static final String IMAGES = "/image/v2/images";
  private static final String VOLUMES = "/volume/v3/p1/volumes";

  private final FakeCloud fake = FakeCloud.start();
  private final OpenStack cloud = new OpenStack(fake.config());
  private final StreamSource copy =
      new Copies(cloud, Clock.systemUTC(), _ -> {}, new CancelToken())
          .of(ImageIdentity.ofRootDisk("s1"));

  @BeforeEach
  void answer() {
    fake.answer("GET " + SERVER, Reply.ok("{\"server\": " + server("ACTIVE") + "}"));
    fake.answer("POST " + SERVER + "/action", Reply.json(202, "{\"image_id\": \"i1\"}"));
    fake.answer("GET " + VOLUMES + "/detail", Reply.ok("{\"volumes\": []}"));
    fake.answer("GET /volume/v3/p1/snapshots/detail", Reply.ok("{\"snapshots\": []}"));
  }

  @AfterEach
  void close() {
    cloud.close();
    fake.close();
  }

  private static String server(String status) {
    return """
    {"id": "s1", "name": "web", "status": "%s", "tenant_id": "p1", "user_id": "u1",
     "metadata": {}, "tags": [],
     "flavor": {"original_name": "small", "vcpus": 1, "ram": 64, "disk": 2, "ephemeral": 0,
                "swap": 0, "extra_specs": {}}}\
    """
        .formatted(status);
  }

  private void image(String id, String name, String format) {
    String image =
        """
        {"id": "%s", "name": "%s", "status": "active", "disk_format": "%s", "size": %d,
         "min_disk": 2, "virtual_size": 3000000000, "tags": []}\
        """
            .formatted(id, name, format, CONTENT.length());
    fake.answer("GET " + IMAGES, Reply.ok("{\"images\": [" + image + "]}"));
    fake.answer("GET " + IMAGES + "/" + id, Reply.ok(image));
    fake.answer(
        "GET " + IMAGES + "/" + id + "/file",
        Reply.ok(CONTENT).with("Content-Type", "application/octet-stream"));
  }

  private void volume(boolean encrypted) {
    String volume =
        """
        {"volume": {"id": "v1", "name": "%s", "status": "available", "size": 3, "encrypted": %s,
                    "metadata": {}}}\
        """
            .formatted(NAME, encrypted);
    fake.answer("POST " + VOLUMES, Reply.json(202, volume));
    fake.answer("GET " + VOLUMES + "/v1", Reply.ok(volume));
    fake.answer(
        "POST " + VOLUMES + "/v1/action",
        Reply.json(202, "{\"os-volume_upload_image\": {\"image_id\": \"i2\"}}"));
  }

  private void isRead() throws IOException {
    try (StreamSource.Content content = copy.open(NAME)) {
      assertThat(content.stream().readAllBytes())
          .isEqualTo(CONTENT.getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void aRawImageIsReadAsItIs() throws Exception {
    image("i1", NAME, "raw");
    copy.takeSnapshot(NAME);
    assertThat(fake.received("POST " + SERVER + "/action").getFirst().body())
        .contains("createImage", NAME);
    isRead();
    assertThat(fake.received("POST " + VOLUMES)).isEmpty();
  }

  @Test
  void anyOtherGoesThroughAVolumeLargeEnough() throws Exception {
    image("i1", NAME, "qcow2");
    copy.takeSnapshot(NAME);
    volume(false);
    String listed = "{\"images\": [" + "{\"id\": \"i1\", \"name\": \"%s\", \"status\": \"active\",";
    fake.answer(
        "GET " + IMAGES,
        Reply.ok(
            (listed + " \"disk_format\": \"qcow2\", \"virtual_size\": 3000000000}]}")
                .formatted(NAME)));
    fake.answer(
        "GET " + IMAGES + "/i2",
        Reply.ok(
            "{\"id\": \"i2\", \"name\": \"raw\", \"status\": \"active\", \"disk_format\": \"raw\","
                + " \"size\": "
                + CONTENT.length()
                + "}"));
    fake.answer(
        "GET " + IMAGES + "/i2/file",
        Reply.ok(CONTENT).with("Content-Type", "application/octet-stream"));
    isRead();
    assertThat(fake.received("POST " + VOLUMES).getFirst().body())
        .contains("\"imageRef\":\"i1\"", "\"size\":3");
    assertThat(fake.received("POST " + VOLUMES + "/v1/action").getFirst().body())
        .contains(NAME + ".raw", "\"disk_format\":\"raw\"");
  }

  @Test
  void aVolumeTypeThatWouldEncryptIsRefused() {
    image("i1", NAME, "qcow2");
    volume(true);
    assertThatThrownBy(() -> copy.open(NAME)).hasMessageContaining("default volume type");
  }

  @Test
  void anImageThatNovaGaveUpIsAFailure() {
    assertThatThrownBy(() -> copy.takeSnapshot(NAME))
        .hasMessageContaining("root disk of server s1")
        .hasMessageContaining("Nova gave it up");
  }

  @ParameterizedTest
  @CsvSource({
    "ROOT, SHUTOFF, ''",
    "ROOT, PAUSED, ''",
    "ROOT, SHELVED_OFFLOADED, server that is SHELVED_OFFLOADED",
    "EPHEMERAL, ACTIVE, root disks only"
  })
  void whatNovaMakesNoImageOfIsLeftOutWithTheReason(
      NovaDiskKind kind, String status, String reason) {
    ObjectNode json = (ObjectNode) new JsonMapper().readTree(server(status));
    DiskSource disk = new DiskSource.NovaDisk(Server.of(ApiObject.kept(json, "a server")), kind, 0);
    Optional<String> obstacle = Copies.obstacle(disk);
    assertThat(obstacle.orElse("")).contains(reason);
    assertThat(Copies.identity(disk).isPresent()).isEqualTo(obstacle.isEmpty());
  }
}
