package dev.kedge.openstack.disks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.engine.RbdLocation;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cloud.Surroundings;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.testing.FakeCloud;
import dev.kedge.openstack.testing.Reply;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cloud that can be told what to say, on a real Ceph. */
class DiskFinderTest {
  private static final Reply FORBIDDEN =
      Reply.json(403, "{\"forbidden\": {\"message\": \"Policy does not allow this\"}}");

  private final LabCeph lab = LabCeph.connect();
  private final FakeCloud cloud = FakeCloud.start();
  private final OpenStack openStack = new OpenStack(cloud.config());
  private final String serverId = UUID.randomUUID().toString();
  private final List<String> attachments = new ArrayList<>();
  private String kedgeYaml =
      "{backends: {'*': {pool: %1$s}}, nova: {pool: %1$s}}".formatted(LabCeph.POOL);

  @AfterEach
  void close() {
    openStack.close();
    cloud.close();
    lab.close();
  }

  private FoundDisks find(String... servers) {
    KedgeConfig config =
        KedgeConfig.parse(
                kedgeYaml,
                "kedge.yaml",
                new Surroundings(Map.of(), Path.of("/"), Path.of("/"), Path.of("/")))
            .withCluster("default", lab.options());
    try (CephClusters clusters = new CephClusters(config.clusters())) {
      DiskFinder finder = new DiskFinder(openStack, config, clusters);
      List<Server> found = new ArrayList<>();
      for (String server : servers) {
        found.add(openStack.nova().servers().get(server));
      }
      return finder.find(found);
    }
  }

  private List<Disk> findDisks() {
    return find(serverId).servers().getFirst().disks();
  }

  /** Makes an image in the lab's pool, and says where it is. */
  private RbdLocation image(String name) {
    lab.pool().create(name, ImageSpec.ofSize(1 << 20));
    lab.removeLater(lab.pool(), name);
    return new RbdLocation(LabCeph.POOL, "", name);
  }

  private void server(String id, String image, String more) {
    cloud.answer(
        "GET /compute/v2.1/servers/" + id,
        Reply.ok(
            """
            {"server": {"id": "%s", "name": "web", "status": "ACTIVE", "tenant_id": "p1",
              "user_id": "u1", "image": %s, %s
              "flavor": {"original_name": "small", "vcpus": 1, "ram": 64, "disk": 1,
                "ephemeral": 0, "swap": 0}}}\
            """
                .formatted(id, image, more)));
    cloud.answer(
        "GET /compute/v2.1/servers/" + id + "/os-volume_attachments",
        Reply.ok("{\"volumeAttachments\": [" + String.join(",", attachments) + "]}"));
  }

  private void serverFromVolume(String more) {
    server(serverId, "\"\"", more);
  }

  private String volume(String device, String more) {
    String id = UUID.randomUUID().toString();
    attachments.add(
        "{\"id\": \"%1$s\", \"serverId\": \"%2$s\", \"volumeId\": \"%1$s\", \"device\": \"%3$s\"}"
            .formatted(id, serverId, device));
    cloud.answer(
        "GET /volume/v3/p1/volumes/" + id,
        Reply.ok(
            """
            {"volume": {"id": "%1$s", "name": "data", "status": "in-use", "size": 1, %2$s
              "attachments": [{"attachment_id": "a-%1$s", "server_id": "%3$s"}]}}\
            """
                .formatted(id, more, serverId)));
    cloud.answer("GET /volume/v3/p1/attachments/a-" + id, FORBIDDEN);
    cloud.answer("GET /volume/v3/p1/scheduler-stats/get_pools", FORBIDDEN);
    return id;
  }

  private void connection(String volumeId, String connectionInfo) {
    cloud.answer(
        "GET /volume/v3/p1/attachments/a-" + volumeId,
        Reply.ok(
            """
            {"attachment": {"id": "a", "volume_id": "%s", "instance": "%s", "status": "attached",
              "connection_info": %s}}\
            """
                .formatted(volumeId, serverId, connectionInfo)));
  }

  private void pools(String host, String protocol, String locationInfo) {
    cloud.answer(
        "GET /volume/v3/p1/scheduler-stats/get_pools",
        Reply.ok(
            """
            {"pools": [{"name": "%s", "capabilities": {"volume_backend_name": "x",
              "storage_protocol": "%s", "location_info": "%s"}}]}\
            """
                .formatted(host, protocol, locationInfo)));
  }

  private Disk onlyDisk() {
    List<Disk> disks = findDisks();
    assertThat(disks).hasSize(1);
    return disks.getFirst();
  }

  private void assertOnlyDiskIs(RbdLocation image) {
    assertThat(onlyDisk())
        .isInstanceOfSatisfying(
            Disk.CephDisk.class,
            disk -> {
              assertThat(disk.location()).isEqualTo(image);
              assertThat(disk.cluster()).isEqualTo("default");
            });
  }

  private void assertOnlyDiskIsLeftOut(String... words) {
    assertThat(onlyDisk())
        .isInstanceOfSatisfying(
            Disk.DiskNotOnCeph.class,
            disk -> assertThat(disk.reason()).contains(words).doesNotContain("\n"));
  }

  @Test
  void aTenantsVolumeIsFoundByItsIdInTheUsualPool() {
    RbdLocation image = image("volume-" + volume("/dev/vda", "\"bootable\": \"true\","));
    serverFromVolume("");
    assertOnlyDiskIs(image);
  }

  @Test
  void theBootVolumeComesFirstAndTheOthersByDevice() {
    List<String> ids = new ArrayList<>();
    for (String device : List.of("/dev/vdaa", "/dev/vdc", "/dev/vdb", "/dev/vdz")) {
      String id = volume(device, "\"bootable\": \"true\",");
      image("volume-" + id);
      ids.add(id);
    }
    serverFromVolume("\"OS-EXT-SRV-ATTR:root_device_name\": \"/dev/vdc\",");
    List<Disk> disks = findDisks();
    assertThat(disks).extracting(Disk::boot).containsExactly(true, false, false, false);
    assertThat(disks)
        .extracting(disk -> ((DiskSource.CinderVolume) disk.source()).volume().id())
        .containsExactly(ids.get(1), ids.get(2), ids.get(3), ids.get(0));
  }

  @Test
  void aTenantWhoDoesNotSeeTheRootDeviceHasTheFirstBootableVolumeAsBootDisk() {
    image("volume-" + volume("/dev/vda", "\"bootable\": \"false\","));
    String boot = volume("/dev/vdb", "\"bootable\": \"true\",");
    image("volume-" + boot);
    serverFromVolume("");
    Disk first = findDisks().getFirst();
    assertThat(first.boot()).isTrue();
    assertThat(((DiskSource.CinderVolume) first.source()).volume().id()).isEqualTo(boot);
  }

  @Test
  void whatCinderGaveToTheHostCountsMost() {
    RbdLocation image = image(LabCeph.uniqueName("odd-name"));
    String id = volume("/dev/vda", "\"os-vol-host-attr:host\": \"h@ceph#ceph\",");
    connection(
        id,
        """
        {"driver_volume_type": "rbd", "name": "%s/%s", "hosts": ["127.0.0.1"],
         "auth_username": "cinder", "keyring": "[client.cinder] key = verysecret"}\
        """
            .formatted(LabCeph.POOL, image.image()));
    serverFromVolume("");
    assertOnlyDiskIs(image);
    assertThat(openStack.cinder().attachment("a-" + id).orElseThrow().toString())
        .contains("cinder")
        .doesNotContain("verysecret");
  }

  @Test
  void aMigratedVolumeLiesUnderAnotherId() {
    String nameId = UUID.randomUUID().toString();
    volume("/dev/vda", "\"os-vol-mig-status-attr:name_id\": \"" + nameId + "\",");
    RbdLocation image = image("volume-" + nameId);
    serverFromVolume("");
    assertOnlyDiskIs(image);
  }

  @Test
  void aBackendOrTypeOfKedgeYamlCountsMoreThanTheUsualPool() {
    for (String key : List.of("h@fast#pool1", "h@fast", "fast", "pool1", "gold")) {
      kedgeYaml =
          "{backends: {'*': {pool: elsewhere}, '%s': {pool: %s}}}".formatted(key, LabCeph.POOL);
      attachments.clear();
      String id =
          volume(
              "/dev/vda",
              "\"os-vol-host-attr:host\": \"h@fast#pool1\", \"volume_type\": \"gold\",");
      RbdLocation image = image("volume-" + id);
      serverFromVolume("");
      assertOnlyDiskIs(image);
    }
  }

  @Test
  void theBackendsOwnWordOnItsPoolCountsMoreThanTheUsualPool() {
    kedgeYaml = "{backends: {'*': {pool: elsewhere}}}";
    RbdLocation image =
        image("volume-" + volume("/dev/vda", "\"os-vol-host-attr:host\": \"h@fast#pool1\","));
    pools(
        "h@fast#pool1",
        "ceph",
        "ceph:/etc/ceph/ceph.conf:%s:cinder:%s".formatted(lab.cluster().fsid(), LabCeph.POOL));
    serverFromVolume("");
    assertOnlyDiskIs(image);
  }

  @Test
  void aVolumeOnAnotherKindOfBackendIsLeftOutWithItsProtocol() {
    String attached = volume("/dev/vda", "");
    connection(attached, "{\"driver_volume_type\": \"iscsi\", \"target_portal\": \"x\"}");
    serverFromVolume("");
    assertOnlyDiskIsLeftOut("iscsi");

    attachments.clear();
    volume("/dev/vda", "\"os-vol-host-attr:host\": \"h@nfs#nfs\",");
    pools("h@nfs#nfs", "nfs", "");
    serverFromVolume("");
    assertOnlyDiskIsLeftOut("nfs", "not RBD");
  }

  @Test
  void aVolumeWhoseImageIsNotThereIsLeftOutWithTheNameThatWasLookedFor() {
    String id = volume("/dev/vda", "");
    serverFromVolume("");
    assertOnlyDiskIsLeftOut("rbd:" + LabCeph.POOL + "/volume-" + id, "cluster default");
  }

  @Test
  void aVolumeThatCinderDoesNotShowIsLeftOutAndNotForgotten() {
    String id = volume("/dev/vda", "");
    cloud.answer("GET /volume/v3/p1/volumes/" + id, Reply.json(404, ""));
    serverFromVolume("");
    assertOnlyDiskIsLeftOut("Cinder");
  }

  @Test
  void severalClustersWithoutAPlaceForABackendAreSaid() {
    kedgeYaml = "{clusters: {a: {user: x}, b: {user: y}}, backends: {other: {cluster: a}}}";
    volume("/dev/vda", "\"volume_type\": \"gold\",");
    serverFromVolume("");
    assertOnlyDiskIsLeftOut("gold", "kedge.yaml");
  }

  @Test
  void anEncryptedVolumeKeepsItsKeysReference() {
    image("volume-" + volume("/dev/vda", "\"encrypted\": true, \"encryption_key_id\": \"key-1\","));
    serverFromVolume("");
    assertThat(onlyDisk())
        .isInstanceOfSatisfying(
            Disk.CephDisk.class, disk -> assertThat(disk.encryptionKeyId()).isEqualTo("key-1"));
  }

  @Test
  void aVolumeAtTwoServersIsOneImage() {
    String id = volume("/dev/vda", "\"multiattach\": true,");
    RbdLocation image = image("volume-" + id);
    serverFromVolume("");
    String other = UUID.randomUUID().toString();
    server(other, "\"\"", "");
    FoundDisks found = find(serverId, other);
    assertThat(found.servers()).allSatisfy(server -> assertThat(server.disks()).hasSize(1));
    assertThat(found.distinctOnCeph()).extracting(Disk.CephDisk::location).containsExactly(image);
    assertThat(cloud.received("GET /volume/v3/p1/volumes/" + id)).hasSize(1);
  }

  @Test
  void anImageBootedServerHasEveryDiskThatNovaMade() {
    cloud.answer(
        "GET /compute/v2.1/servers/" + serverId,
        Reply.ok(
            """
            {"server": {"id": "%s", "name": "web", "status": "ACTIVE", "tenant_id": "p1",
              "user_id": "u1", "image": {"id": "i1"}, "config_drive": "True",
              "flavor": {"original_name": "big", "vcpus": 1, "ram": 64, "disk": 1,
                "ephemeral": 2, "swap": 64}}}\
            """
                .formatted(serverId)));
    cloud.answer(
        "GET /compute/v2.1/servers/" + serverId + "/os-volume_attachments",
        Reply.ok("{\"volumeAttachments\": []}"));
    List<RbdLocation> images =
        List.of("_disk", "_disk.eph0", "_disk.eph1", "_disk.swap", "_disk.config").stream()
            .map(ending -> image(serverId + ending))
            .toList();
    image(serverId + "_disk.rescue");
    List<Disk> disks = findDisks();
    assertThat(disks)
        .extracting(disk -> ((Disk.CephDisk) disk).location())
        .containsExactlyElementsOf(images);
    assertThat(disks).extracting(Disk::boot).containsExactly(true, false, false, false, false);
    assertThat(disks)
        .extracting(disk -> disk.source().label())
        .containsExactly(
            "root disk", "ephemeral disk 0", "ephemeral disk 1", "swap disk", "config drive");
  }

  @Test
  void aRootDiskThatNovaKeepsElsewhereIsLeftOutWithTheNameThatWasLookedFor() {
    server(serverId, "{\"id\": \"i1\"}", "");
    assertOnlyDiskIsLeftOut("rbd:" + LabCeph.POOL + "/" + serverId + "_disk", "nova in kedge.yaml");
    kedgeYaml = "{nova: {pool: no-such-pool}}";
    assertOnlyDiskIsLeftOut("rbd:no-such-pool/");
  }

  @Test
  void aShelvedServersRootDiskIsSaidToBeInGlance() {
    server(serverId, "{\"id\": \"i1\"}", "");
    cloud.answer(
        "GET /compute/v2.1/servers/" + serverId,
        Reply.ok(
            """
            {"server": {"id": "%s", "status": "SHELVED_OFFLOADED", "tenant_id": "p1",
              "user_id": "u1", "image": {"id": "i1"},
              "flavor": {"original_name": "small", "vcpus": 1, "ram": 64, "disk": 1,
                "ephemeral": 0, "swap": 0}}}\
            """
                .formatted(serverId)));
    assertOnlyDiskIsLeftOut("shelved", "unshelve");
  }
}
