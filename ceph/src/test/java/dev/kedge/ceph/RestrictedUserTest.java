package dev.kedge.ceph;

import static dev.kedge.ceph.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.ceph.testing.LabCeph;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestrictedUserTest {
  private static final long MIB = 1 << 20;

  private final LabCeph ceph = LabCeph.connect();
  private final Arena arena = Arena.ofShared();
  @TempDir Path folder;

  @AfterEach
  void close() {
    ceph.close();
    arena.close();
  }

  private CephCluster as(LabCeph.LabUser user) {
    return CephCluster.connect(ceph.options().withUser(user.entity(), user.keyring()));
  }

  @Test
  void aReaderReadsAndDiffsAndIsToldWhatItMayNotDo() {
    String name = ceph.image(8 * MIB);
    try (RbdImage image = ceph.pool().open(name)) {
      image.write(0, arena.allocate(MIB).fill((byte) 5));
      image.createSnapshot("s");
    }
    LabCeph.LabUser reader =
        ceph.user(
            folder,
            "mon",
            "profile rbd-read-only",
            "osd",
            "profile rbd-read-only pool=" + LabCeph.POOL);
    try (CephCluster cluster = as(reader);
        RbdPool pool = cluster.openPool(LabCeph.POOL, "")) {
      try (RbdImage snapshot = pool.openReadOnly(name, "s")) {
        AtomicInteger extents = new AtomicInteger();
        snapshot.diff(
            null, 0, 8 * MIB, true, false, (offset, length, exists) -> extents.incrementAndGet());
        assertThat(extents.get()).isPositive();
        assertThat(snapshot.read(0, arena.allocate(MIB))).isEqualTo(MIB);
        assertThat(snapshot.flags()).isZero();
      }
      assertFails(ErrorCode.PERMISSION_DENIED, () -> pool.open(name))
          .hasMessageContaining("image " + LabCeph.POOL + "/" + name)
          .hasMessageContaining("check its caps");
      assertFails(ErrorCode.PERMISSION_DENIED, () -> pool.create("mine", ImageSpec.ofSize(MIB)))
          .hasMessageContaining("rbd_create4: EPERM");
      assertFails(ErrorCode.PERMISSION_DENIED, () -> pool.remove(name));
    }
  }

  @Test
  void aUserWithoutCapsForThePoolIsToldSo() {
    String name = ceph.image(MIB);
    LabCeph.LabUser stranger =
        ceph.user(folder, "mon", "profile rbd", "osd", "profile rbd pool=another-pool");
    try (CephCluster cluster = as(stranger);
        RbdPool pool = cluster.openPool(LabCeph.POOL, "")) {
      assertFails(ErrorCode.PERMISSION_DENIED, () -> pool.openReadOnly(name, null))
          .hasMessageContaining(LabCeph.POOL + "/" + name);
      assertFails(ErrorCode.PERMISSION_DENIED, pool::images)
          .hasMessageContaining("the list of images in " + LabCeph.POOL);
    }
  }

  @Test
  void aUserOfOneNamespaceWorksInIt() {
    String space = LabCeph.uniqueName("space");
    ceph.pool().createNamespace(space);
    LabCeph.LabUser user =
        ceph.user(
            folder,
            "mon",
            "profile rbd",
            "osd",
            "profile rbd pool=" + LabCeph.POOL + " namespace=" + space);
    try (CephCluster cluster = as(user);
        RbdPool pool = cluster.openPool(LabCeph.POOL, space)) {
      pool.create("mine", ImageSpec.ofSize(MIB));
      try (RbdImage image = pool.open("mine")) {
        image.write(0, arena.allocate(4096).fill((byte) 1));
        image.createSnapshot("s");
        image.removeSnapshot("s");
      }
      pool.remove("mine");
    }
    ceph.pool().removeNamespace(space);
  }
}
