package dev.kedge.cli;

import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.CephOptions;
import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.UUID;

/** Backups and restores of a small image of its own, which it removes with all that came of it. */
final class CephRehearsal {
  private static final int WRITE_BYTES = 1 << 20;
  private static final int WRITES = 16;

  private CephRehearsal() {}

  /** Rehearses in a pool of the cluster that the environment names. */
  static void run(Session session, String poolName, String user, Rehearsal.Place target) {
    String name = "kedge-rehearsal-" + UUID.randomUUID();
    String restored = name + "-restored";
    try (CephCluster cluster = CephCluster.connect(CephOptions.defaults().withUser(user, null));
        RbdPool pool = cluster.openPool(poolName, "")) {
      pool.create(name, ImageSpec.ofSize(8L * WRITES * WRITE_BYTES));
      try {
        String image = "rbd:" + poolName + "/" + name;
        String copy = "rbd:" + poolName + "/" + restored;
        write(pool, name, WRITES);
        Rehearsal.run(session, List.of("backup", image, "--ceph-user", user), target);
        write(pool, name, 2);
        Rehearsal.run(
            session, List.of("backup", image, "--ceph-user", user, "--output", "json"), target);
        Rehearsal.run(
            session,
            List.of("restore", "latest:" + image, "--ceph-user", user, "--to", copy),
            target);
        Rehearsal.run(
            session, List.of("verify", "latest:" + image, "--ceph-user", user, "--source"), target);
      } finally {
        remove(pool, name);
        remove(pool, restored);
      }
    }
  }

  private static void write(RbdPool pool, String name, int writes) {
    try (Arena arena = Arena.ofConfined();
        RbdImage image = pool.open(name)) {
      MemorySegment data = arena.allocate(WRITE_BYTES);
      for (int i = 0; i < writes; i++) {
        data.fill((byte) (i + writes));
        image.write(2L * i * WRITE_BYTES, data);
      }
    }
  }

  private static void remove(RbdPool pool, String name) {
    if (!pool.exists(name)) {
      return;
    }
    try (RbdImage image = pool.open(name)) {
      image.snapshots().forEach(snapshot -> image.removeSnapshot(snapshot.name()));
    }
    pool.remove(name);
  }
}
