package dev.kedge.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.engine.RbdLocation;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.cloud.Surroundings;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.openstack.disks.Disk;
import dev.kedge.openstack.disks.DiskFinder;
import dev.kedge.openstack.neutron.Network;
import dev.kedge.openstack.neutron.Port;
import dev.kedge.openstack.nova.KeyPair;
import dev.kedge.openstack.nova.Nova;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.nova.ServerGroup;
import dev.kedge.openstack.nova.VolumeAttachment;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ServersIT extends LabIT {
  private static final String PUBLIC_KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7V3vQf1fYzr3r4xQe0u1PqRkT1h8m9m0y0y3nJmS1b it";

  private final Nova nova = lab.demo().nova();

  private Port port() {
    Network network = lab.demo().neutron().networks().byNameOrId("private", Query.none());
    Port made =
        lab.demo()
            .neutron()
            .ports()
            .create(ApiJson.object().put("network_id", network.id()).put("name", lab.name("port")));
    lab.later(() -> lab.demo().neutron().ports().delete(made.id()));
    return made;
  }

  private KeyPair keyPair() {
    String name = lab.name("key");
    KeyPair made = nova.importKeyPair(name, "ssh", PUBLIC_KEY);
    lab.later(() -> nova.deleteKeyPair(name));
    return made;
  }

  private ServerGroup group() {
    ServerGroup made =
        nova.serverGroups()
            .create(ApiJson.object().put("name", lab.name("group")).put("policy", "soft-affinity"));
    lab.later(() -> nova.serverGroups().delete(made.id()));
    return made;
  }

  private Server become(String id, String status) {
    return lab.waiter()
        .until("server " + id, () -> nova.servers().get(id), Server::state, Set.of(status));
  }

  private Server server(String flavor, KeyPair key, ServerGroup group) {
    ObjectNode fields =
        ApiJson.object()
            .put("name", lab.name("server"))
            .put("flavorRef", nova.flavors().byNameOrId(flavor, Query.none()).id())
            .put("imageRef", lab.demo().glance().images().byNameOrId("guest", Query.none()).id())
            .put("key_name", key.name())
            .put("config_drive", true);
    fields.putArray("networks").addObject().put("port", port().id());
    fields.set("metadata", ApiJson.texts(Map.of("role", "test")));
    fields.set("tags", ApiJson.texts(List.of("t1", "t2")));
    String id = nova.create(fields, ApiJson.object().put("group", group.id()));
    lab.later(() -> {
      nova.servers().delete(id);
      lab.waiter().untilGone("server " + id, () -> nova.servers().find(id), Server::state);
    });
    return become(id, "ACTIVE");
  }

  private void attach(Server server, Volume volume) {
    nova.attachVolume(server.id(), volume.id(), ApiJson.object().put("tag", "data"));
    lab.waiter()
        .until(
            volume.label(),
            () -> lab.demo().cinder().volumes().get(volume.id()),
            Volume::state,
            Set.of("in-use"));
  }

  private static List<Disk> disks(OpenStack cloud, KedgeConfig config, String serverId) {
    try (CephClusters clusters = new CephClusters(config.clusters())) {
      return new DiskFinder(cloud, config, clusters)
          .find(cloud.nova().servers().get(serverId))
          .disks();
    }
  }

  private static KedgeConfig kedgeYaml(String text) {
    return KedgeConfig.parse(text, "kedge.yaml", Surroundings.ofProcess());
  }

  @Test
  void aServerIsReadWithAllThatBelongsToItAndItsDisksAreFound() {
    KeyPair key = keyPair();
    ServerGroup group = group();
    Server server = server("ephemeral", key, group);
    assertThat(server.metadata()).isEqualTo(Map.of("role", "test"));
    assertThat(server.tags()).containsExactlyInAnyOrder("t1", "t2");
    assertThat(server.keyName()).isEqualTo(key.name());
    assertThat(server.serverGroupIds()).containsExactly(group.id());
    assertThat(server.configDrive()).isTrue();
    assertThat(server.instanceName()).isNull();
    assertThat(nova.servers().byNameOrId(server.name(), Query.none()).id()).isEqualTo(server.id());
    assertThat(nova.keyPair(key.name(), null).orElseThrow().publicKey())
        .startsWith(PUBLIC_KEY.substring(0, 60));
    assertThat(nova.interfaces(server.id())).hasSize(1);
    Server seenByAdmin = lab.admin().nova().servers().get(server.id());
    assertThat(seenByAdmin.instanceName()).startsWith("instance-");
    assertThat(seenByAdmin.rootDeviceName()).isEqualTo("/dev/vda");

    Volume ceph2 = volume("disk2", "ceph2");
    Volume nfs = volume("disk3", "nfs");
    attach(server, ceph2);
    attach(server, nfs);
    assertThat(nova.volumeAttachments(server.id()))
        .extracting(VolumeAttachment::tag)
        .containsExactly("data", "data");
    assertDisks(server, ceph2, nfs);

    for (Volume volume : List.of(ceph2, nfs)) {
      nova.detachVolume(server.id(), volume.id());
      available(volume);
    }
    assertThat(nova.detachVolume(server.id(), nfs.id())).isFalse();
  }

  /** For attached volumes nobody needs to say in kedge.yaml where they lie. */
  private void assertDisks(Server server, Volume ceph2, Volume nfs) {
    String cluster = "clusters: {lab: {conf: '" + LabCeph.confOfLab() + "'}}\n";
    List<Disk> asAdmin = disks(lab.admin(), kedgeYaml(cluster), server.id());
    List<Disk> asTenant = disks(lab.demo(), kedgeYaml(cluster), server.id());
    List<Disk> byType =
        disks(
            lab.demo(),
            kedgeYaml(cluster + "backends: {ceph: {}, ceph2: {pool: volumes2}}"),
            server.id());
    for (List<Disk> found : List.of(asAdmin, asTenant, byType)) {
      assertThat(found.getFirst().boot()).isTrue();
      assertThat(found)
          .filteredOn(Disk.CephDisk.class::isInstance)
          .extracting(disk -> ((Disk.CephDisk) disk).location())
          .containsExactlyInAnyOrder(
              novaDisk(server, ""),
              novaDisk(server, ".eph0"),
              novaDisk(server, ".swap"),
              novaDisk(server, ".config"),
              new RbdLocation("volumes2", "", "volume-" + ceph2.id()));
      assertThat(found)
          .filteredOn(Disk.DiskNotOnCeph.class::isInstance)
          .singleElement()
          .satisfies(disk -> assertThat(disk.source().label()).contains(nfs.id()));
    }
    assertThat(asTenant.toString()).contains("nfs, not RBD");
  }

  private static RbdLocation novaDisk(Server server, String ending) {
    return new RbdLocation("vms", "", server.id() + "_disk" + ending);
  }

  @Test
  void powerActionsMayComeTwice() {
    Server server = server("small", keyPair(), group());
    String id = server.id();
    nova.pause(id);
    become(id, "PAUSED");
    nova.pause(id);
    nova.unpause(id);
    become(id, "ACTIVE");
    nova.unpause(id);
    assertThat(nova.consoleOutput(id, 50)).isNotNull();
    nova.stop(id);
    become(id, "SHUTOFF");
    nova.stop(id);
    nova.start(id);
    become(id, "ACTIVE");
    nova.start(id);
    nova.setMetadata(id, Map.of("role", "changed"));
    nova.setTags(id, List.of("t3"));
    Server changed = nova.servers().get(id);
    assertThat(changed.metadata()).isEqualTo(Map.of("role", "changed"));
    assertThat(changed.tags()).containsExactly("t3");
  }
}
