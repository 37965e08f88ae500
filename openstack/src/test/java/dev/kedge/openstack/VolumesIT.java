package dev.kedge.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.openstack.cinder.ManageSpec;
import dev.kedge.openstack.cinder.Snapshot;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.Query;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VolumesIT extends LabIT {
  private static final String POOL = "volumes";

  @Test
  void aVolumeIsMadeChangedSnapshottedAndDeleted() {
    var cinder = lab.demo().cinder();
    String id = volume("data", "ceph").id();
    cinder.setMetadata(id, Map.of("owner", "kedge"));
    cinder.setBootable(id, true);
    cinder.setImageMetadata(id, Map.of("hw_disk_bus", "virtio", "os_distro", "none"));
    cinder.unsetImageMetadata(id, List.of("os_distro"));
    cinder.extend(id, 2);
    Volume changed = available(cinder.volumes().get(id));
    assertThat(changed.sizeGib()).isEqualTo(2);
    assertThat(changed.bootable()).isTrue();
    assertThat(changed.metadata()).isEqualTo(Map.of("owner", "kedge"));
    assertThat(changed.imageMetadata()).isEqualTo(Map.of("hw_disk_bus", "virtio"));
    assertThat(changed.typeName()).isEqualTo("ceph");
    assertThat(changed.host()).isNull();
    assertThat(lab.admin().cinder().volumes().get(id).host()).contains("@ceph#");
    assertThat(cinder.volumes().byNameOrId(lab.name("data"), Query.none()).id()).isEqualTo(id);

    Snapshot snapshot = cinder.createSnapshot(id, lab.name("snapshot"), Map.of());
    lab.waiter()
        .until(
            "snapshot",
            () -> cinder.snapshots().get(snapshot.id()),
            Snapshot::state,
            Set.of("available"));
    assertThat(cinder.snapshots().delete(snapshot.id())).isTrue();
    lab.waiter()
        .untilGone("snapshot", () -> cinder.snapshots().find(snapshot.id()), Snapshot::state);
    deleteVolume(id);
    assertThat(cinder.volumes().delete(id)).isFalse();
  }

  @Test
  void anImageInThePoolBecomesAVolumeOfTheTenant() {
    var admin = lab.adminOfDemo().cinder();
    String image = lab.name("restored");
    try (LabCeph ceph = LabCeph.connect();
        RbdPool pool = ceph.cluster().openPool(POOL, "")) {
      pool.create(image, ImageSpec.ofSize(1 << 30));
      ceph.removeLater(pool, image);
      String host =
          admin.pools().stream()
              .map(found -> found.name())
              .filter(name -> name.endsWith("@ceph#ceph"))
              .findFirst()
              .orElseThrow();
      Volume managed =
          admin.manage(
              new ManageSpec(
                  host, image, lab.name("managed"), null, "ceph", null, true, Map.of("a", "b")));
      lab.later(() -> deleteVolume(managed.id()));
      Volume ready = available(managed);
      assertThat(ready.bootable()).isTrue();
      assertThat(ready.metadata()).isEqualTo(Map.of("a", "b"));
      assertThat(lab.admin().cinder().volumes().get(managed.id()).projectId())
          .isEqualTo(lab.demo().token().projectId());
      assertThat(pool.exists("volume-" + managed.id())).isTrue();
      assertThat(pool.exists(image)).isFalse();
    }
  }

  @Test
  void aTypeTellsItsBackendAndItsEncryption() {
    var types = lab.admin().cinder().types();
    assertThat(types.byNameOrId("ceph2", Query.none()).backendName()).isEqualTo("ceph2");
    String encrypted = types.byNameOrId("ceph-luks", Query.none()).id();
    assertThat(lab.admin().cinder().encryption(encrypted).text("provider")).isEqualTo("luks");
    assertThat(lab.admin().cinder().qosSpecs("no-such-specs")).isEmpty();
  }

  @Test
  void anEncryptedVolumesKeyIsInBarbican() {
    Volume volume = volume("secret", "ceph-luks");
    assertThat(volume.encrypted()).isTrue();
    String keyId = volume.encryptionKeyId();
    assertThat(keyId).isNotNull();
    var barbican = lab.demo().barbican();
    var described = barbican.find(keyId).orElseThrow();
    byte[] key = barbican.payload(keyId);
    assertThat(key).hasSize((int) described.bitLength() / 8);

    String copy = barbican.store(described, key);
    lab.later(() -> barbican.delete(copy));
    assertThat(barbican.payload(copy)).isEqualTo(key);
    assertThat(barbican.find(copy).orElseThrow().algorithm()).isEqualTo(described.algorithm());
  }
}
