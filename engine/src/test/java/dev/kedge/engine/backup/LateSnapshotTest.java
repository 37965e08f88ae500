package dev.kedge.engine.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.Snapshot;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.SnapshotName;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Repository;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run is killed when it has just asked for its snapshot, and the request is served when the next
 * run has looked already: by QEMU, which holds the image's lock, or by a busy OSD.
 */
class LateSnapshotTest {
  @TempDir Path folder;
  private LabCeph lab;
  private RbdLocation image;
  private Repository repository;

  @BeforeEach
  void backUpOnce() {
    lab = LabCeph.connect();
    image = new RbdLocation(LabCeph.POOL, "", lab.image(1 << 20));
    repository = Repository.openOrCreate(new DirectoryTarget(folder.resolve("target")));
    backUp();
  }

  @AfterEach
  void disconnect() {
    lab.close();
  }

  private String backUp() {
    BackupRequest request =
        new BackupRequest(image, new LayerOptions(false, Compression.NONE, null, 0, 1));
    return new Backup(
            lab.cluster(),
            repository,
            request,
            Clock.systemUTC(),
            new SplittableRandom(1),
            Progress.NONE,
            new CancelToken())
        .run()
        .manifest()
        .snapshot()
        .name();
  }

  private SnapshotName killedRun(Instant when) {
    SnapshotName name = SnapshotName.of(UUID.randomUUID(), when);
    try (Lease lease =
        repository.findImage(image.pool(), image.namespace(), image.image()).acquireLease()) {
      lease.intend(name.point(), name.toString());
    }
    return name;
  }

  private void arrives(SnapshotName name) {
    try (RbdImage handle = lab.pool().open(image.image())) {
      handle.createSnapshot(name.toString());
    }
  }

  private List<String> snapshots() {
    try (RbdImage handle = lab.pool().openReadOnly(image.image(), null)) {
      return handle.snapshots().stream().map(Snapshot::name).toList();
    }
  }

  @Test
  void aSnapshotThatComesAfterTheNextRunIsRemovedByTheOneAfterIt() {
    SnapshotName late = killedRun(Instant.now());
    String second = backUp();
    assertThat(snapshots()).containsExactly(second);
    arrives(late);
    String third = backUp();
    assertThat(snapshots()).containsExactly(third);
    // What was found and removed is over: somebody else's snapshot of this name stays.
    arrives(late);
    backUp();
    assertThat(snapshots()).hasSize(2).contains(late.toString());
  }

  @Test
  void whatWasWantedLongAgoIsNotWaitedForAnyMore() {
    SnapshotName old = killedRun(Instant.now().minus(Duration.ofHours(1)));
    backUp();
    arrives(old);
    backUp();
    assertThat(snapshots()).hasSize(2).contains(old.toString());
  }
}
