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
import java.util.stream.Stream;

/** Backups and restores of a small image of its own, which it removes with all that came of it. */
final class CephRehearsal {
  private static final int WRITE_BYTES = 1 << 20;
  private static final int WRITES = 16;

  private CephRehearsal() {}

  /**
   * Rehearses in a pool of the cluster that the environment names.
   *
   * @param words what each command needs beside the target
   */
  static void run(
      Session session, String poolName, String user, String target, List<String> words) {
    String name = "kedge-rehearsal-" + UUID.randomUUID();
    String restored = name + "-restored";
    try (CephCluster cluster = CephCluster.connect(CephOptions.defaults().withUser(user, null));
        RbdPool pool = cluster.openPool(poolName, "")) {
      pool.create(name, ImageSpec.ofSize(8L * WRITES * WRITE_BYTES));
      try {
        String image = "rbd:" + poolName + "/" + name;
        String copy = "rbd:" + poolName + "/" + restored;
        write(pool, name, WRITES);
        run(session, target, words, "backup", image, "--ceph-user", user);
        write(pool, name, 2);
        run(session, target, words, "backup", image, "--ceph-user", user, "--output", "json");
        run(
            session,
            target,
            words,
            "restore",
            "latest:" + image,
            "--ceph-user",
            user,
            "--to",
            copy);
        run(session, target, words, "verify", "latest:" + image, "--ceph-user", user, "--source");
      } finally {
        remove(pool, name);
        remove(pool, restored);
      }
    }
  }

  private static void run(Session session, String target, List<String> words, String... command) {
    Rehearsal.run(session, Stream.concat(Stream.of(command), words.stream()).toList(), target);
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
