package dev.kedge.ceph;

import static dev.kedge.ceph.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.testing.LabCeph;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RbdPoolTest {
  private static final long MIB = 1 << 20;
  private static final long DEFAULT_FEATURES =
      RbdFeatures.LAYERING
          | RbdFeatures.EXCLUSIVE_LOCK
          | RbdFeatures.OBJECT_MAP
          | RbdFeatures.FAST_DIFF
          | RbdFeatures.DEEP_FLATTEN;

  private final LabCeph ceph = LabCeph.connect();
  private final RbdPool pool = ceph.pool();

  @AfterEach
  void close() {
    ceph.close();
  }

  private String info(String spec) {
    return ceph.rbd("info", "--format", "json", spec);
  }

  @Test
  void imagesAreListedWithTheIdsThatOpenThem() {
    String name = ceph.image(MIB);
    ImageId listed =
        pool.images().stream().filter(i -> i.name().equals(name)).findFirst().orElseThrow();
    assertThat(info(LabCeph.POOL + "/" + name)).contains("\"id\":\"" + listed.id() + "\"");
    try (RbdImage image = pool.openById(listed.id(), null, true)) {
      assertThat(image.name()).isEqualTo(name);
      assertThat(image.id()).isEqualTo(listed.id());
      assertThat(image.spec()).isEqualTo(LabCeph.POOL + "/" + name);
    }
  }

  @Test
  void aLongListIsComplete() {
    String space = LabCeph.uniqueName("space");
    pool.createNamespace(space);
    try (RbdPool inside = ceph.cluster().openPool(LabCeph.POOL, space)) {
      List<String> names = IntStream.range(0, 80).mapToObj(i -> "%03d".formatted(i)).toList();
      names.forEach(name -> inside.create(name, ImageSpec.ofSize(MIB).withFeatures(1)));
      assertThat(inside.images()).extracting(ImageId::name).isEqualTo(names);
      names.forEach(inside::remove);
    }
    pool.removeNamespace(space);
  }

  @Test
  void aDefaultImageHasTheClustersFeaturesAndObjectSize() {
    String name = ceph.image(5 * MIB + 512);
    try (RbdImage image = pool.openReadOnly(name, null)) {
      assertThat(image.sizeBytes()).isEqualTo(5 * MIB + 512);
      assertThat(image.features()).isEqualTo(DEFAULT_FEATURES);
      assertThat(image.order()).isEqualTo(22);
      assertThat(image.objectSizeBytes()).isEqualTo(4 * MIB);
      assertThat(image.stripeUnitBytes()).isEqualTo(4 * MIB);
      assertThat(image.stripeCount()).isEqualTo(1);
      assertThat(image.flags()).isZero();
      assertThat(image.dataPoolName()).isNull();
      assertThat(image.parent()).isEmpty();
      assertThat(image.snapshots()).isEmpty();
      assertThat(image.poolName()).isEqualTo(LabCeph.POOL);
      assertThat(image.namespace()).isEmpty();
    }
  }

  @Test
  void featuresOrderAndStripingAreAsAsked() {
    String name =
        ceph.image(
            pool,
            ImageSpec.ofSize(64 * MIB)
                .withFeatures(RbdFeatures.LAYERING | RbdFeatures.EXCLUSIVE_LOCK)
                .withOrder(20)
                .withStriping(65536, 4));
    try (RbdImage image = pool.openReadOnly(name, null)) {
      assertThat(image.features())
          .isEqualTo(RbdFeatures.LAYERING | RbdFeatures.EXCLUSIVE_LOCK | RbdFeatures.STRIPINGV2);
      assertThat(image.order()).isEqualTo(20);
      assertThat(image.stripeUnitBytes()).isEqualTo(65536);
      assertThat(image.stripeCount()).isEqualTo(4);
    }
    assertThat(info(LabCeph.POOL + "/" + name))
        .contains("\"object_size\":1048576")
        .contains("\"stripe_unit\":65536")
        .contains("\"stripe_count\":4");
  }

  @Test
  void dataGoesToTheDataPool() {
    ceph.ensurePool("kedge-test-data");
    String name = ceph.image(pool, ImageSpec.ofSize(8 * MIB).withDataPool("kedge-test-data"));
    try (RbdImage image = pool.openReadOnly(name, null)) {
      assertThat(image.dataPoolName()).isEqualTo("kedge-test-data");
      assertThat(RbdFeatures.has(image.features(), RbdFeatures.DATA_POOL)).isTrue();
      assertThat(image.poolName()).isEqualTo(LabCeph.POOL);
    }
    assertThat(info(LabCeph.POOL + "/" + name)).contains("\"data_pool\":\"kedge-test-data\"");
  }

  @Test
  void aDataPoolThatDoesNotExistIsAnError() {
    assertThatThrownBy(
            () -> pool.create("never", ImageSpec.ofSize(MIB).withDataPool("no-such-pool")))
        .isInstanceOf(KedgeException.class)
        .hasMessageContaining(LabCeph.POOL + "/never");
  }

  @Test
  void namespacesKeepImagesApart() {
    String space = LabCeph.uniqueName("space");
    pool.createNamespace(space);
    assertThat(pool.namespaces()).contains(space);
    try (RbdPool inside = ceph.cluster().openPool(LabCeph.POOL, space)) {
      inside.create("only-here", ImageSpec.ofSize(MIB));
      assertThat(inside.exists("only-here")).isTrue();
      assertThat(pool.exists("only-here")).isFalse();
      try (RbdImage image = inside.open("only-here")) {
        assertThat(image.spec()).isEqualTo(LabCeph.POOL + "/" + space + "/only-here");
        assertThat(image.namespace()).isEqualTo(space);
      }
      assertFails(ErrorCode.BUSY, () -> pool.removeNamespace(space)).hasMessageContaining(space);
      inside.remove("only-here");
    }
    pool.removeNamespace(space);
    assertThat(pool.namespaces()).doesNotContain(space);
  }

  @Test
  void aRenamedImageKeepsItsId() {
    String before = ceph.image(MIB);
    String after = ceph.removeLater(pool, LabCeph.uniqueName("renamed"));
    String id;
    try (RbdImage image = pool.openReadOnly(before, null)) {
      id = image.id();
    }
    pool.rename(before, after);
    assertThat(pool.exists(before)).isFalse();
    try (RbdImage image = pool.openById(id, null, false)) {
      assertThat(image.name()).isEqualTo(after);
    }
  }

  @Test
  void whatDoesNotExistIsNamed() {
    String name = ceph.image(MIB);
    String spec = LabCeph.POOL + "/" + name;
    assertFails(ErrorCode.NOT_FOUND, () -> pool.open("missing"))
        .hasMessageContaining("image " + LabCeph.POOL + "/missing does not exist")
        .hasMessageContaining("rbd_open: ENOENT");
    assertFails(ErrorCode.NOT_FOUND, () -> pool.openReadOnly("missing", "s"))
        .hasMessageContaining("image " + LabCeph.POOL + "/missing does not exist");
    assertFails(ErrorCode.NOT_FOUND, () -> pool.openReadOnly(name, "missing"))
        .hasMessageContaining("snapshot " + spec + "@missing does not exist");
    assertFails(ErrorCode.NOT_FOUND, () -> pool.openById("0123456789ab", null, true))
        .hasMessageContaining("image with id " + LabCeph.POOL + "/0123456789ab");
    assertFails(ErrorCode.NOT_FOUND, () -> pool.remove("missing"));
    assertFails(ErrorCode.NOT_FOUND, () -> pool.rename("missing", "other"));
    assertThat(pool.exists("missing")).isFalse();
  }

  @Test
  void anImageIsNotMadeTwice() {
    String name = ceph.image(MIB);
    assertFails(ErrorCode.FAILED, () -> pool.create(name, ImageSpec.ofSize(MIB)))
        .hasMessageContaining("exists already")
        .hasMessageContaining("rbd_create4: EEXIST");
  }

  @Test
  void anImageInUseIsNotRemoved() {
    String name = ceph.image(MIB);
    try (CephCluster other = CephCluster.connect(ceph.options());
        RbdPool itsPool = other.openPool(LabCeph.POOL, "");
        RbdImage image = itsPool.open(name)) {
      assertThat(image.sizeBytes()).isEqualTo(MIB);
      assertFails(ErrorCode.BUSY, () -> pool.remove(name)).hasMessageContaining(name);
    }
    pool.remove(name);
    assertThat(pool.exists(name)).isFalse();
  }

  @Test
  void anImageWithSnapshotsIsNotRemoved() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.open(name)) {
      image.createSnapshot("s");
    }
    assertFails(ErrorCode.FAILED, () -> pool.remove(name)).hasMessageContaining("ENOTEMPTY");
  }

  @Test
  void aNameWithNulDoesNotReachAnotherObject() {
    String name = ceph.image(MIB);
    assertFails(ErrorCode.USAGE, () -> pool.remove(name + "\0-of-mine"));
    assertThat(pool.exists(name)).isTrue();
  }

  @Test
  void aCloneKnowsItsParentUntilItIsFlattened() {
    String parent = ceph.image(8 * MIB);
    String child = ceph.removeLater(pool, LabCeph.uniqueName("clone"));
    String parentId;
    try (RbdImage image = pool.open(parent)) {
      parentId = image.id();
      image.createSnapshot("base");
      image.protectSnapshot("base");
    }
    pool.cloneImage(parent, "base", pool, child);
    try (RbdImage image = pool.open(child)) {
      assertThat(image.parent())
          .contains(new ParentImage(LabCeph.POOL, "", parent, parentId, "base", 8 * MIB));
      image.resize(3 * MIB);
      assertThat(image.parent().orElseThrow().overlapBytes()).isEqualTo(3 * MIB);
      image.flatten();
      assertThat(image.parent()).isEmpty();
    }
  }
}
