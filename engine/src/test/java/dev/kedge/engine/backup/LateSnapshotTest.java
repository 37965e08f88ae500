package dev.kedge.engine.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.Snapshot;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.SnapshotName;
import dev.kedge.engine.restore.inplace.InPlaceRequest;
import dev.kedge.engine.restore.inplace.InPlaceUndo;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Repository;
import dev.kedge.repository.UndoPoint;
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
    return backUp(Progress.NONE);
  }

  private String backUp(Progress progress) {
    BackupRequest request =
        new BackupRequest(image, new LayerOptions(false, Compression.NONE, null, 0, 1));
    return new Backup(
            lab.cluster(),
            repository,
            request,
            Clock.systemUTC(),
            new SplittableRandom(1),
            progress,
            new CancelToken())
        .run()
        .manifest()
        .snapshot()
        .name();
  }

  private SnapshotName killedRun(Instant when) {
    SnapshotName name = SnapshotName.of(UUID.randomUUID(), when);
    try (Lease lease = store().acquireLease()) {
      lease.intend(name.point(), name.toString());
    }
    return name;
  }

  /** A restore into the image that is killed when it has just asked for its undo point. */
  private SnapshotName killedRestore(Instant when) {
    SnapshotName name = SnapshotName.of(UUID.randomUUID(), when);
    UUID restored = store().latest().orElseThrow().id();
    try (RbdImage handle = lab.pool().openReadOnly(image.image(), null);
        Lease lease = store().acquireLease()) {
      UndoPoint point =
          new UndoPoint(name.point(), name.toString(), handle.id(), restored, when, false);
      store().replaceUndoPoints(List.of(point), lease);
    }
    return name;
  }

  private ImageStore store() {
    return repository.findImage(image.pool(), image.namespace(), image.image());
  }

  private void nothingCanBeTakenBack() {
    InPlaceRequest request = new InPlaceRequest(image, false, false, 1);
    InPlaceUndo undo =
        new InPlaceUndo(
            lab.cluster(),
            repository,
            request,
            Clock.systemUTC(),
            new SplittableRandom(1),
            Progress.NONE,
            new CancelToken());
    assertThatExceptionOfType(KedgeException.class)
        .isThrownBy(undo::run)
        .returns(ErrorCode.NOT_FOUND, KedgeException::code);
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

  // Once in CI, on a busy machine: the undo had forgotten it, and it stayed for ever.
  @Test
  void anUndoPointThatComesAfterTheUndoIsRemovedByTheNextBackup() {
    SnapshotName late = killedRestore(Instant.now());
    nothingCanBeTakenBack();
    arrives(late);
    String newest = backUp();
    assertThat(snapshots()).containsExactly(newest);
    assertThat(store().undoPoints()).isEmpty();
  }

  @Test
  void anUndoPointThatComesAfterABackupIsRemovedByTheNextUndo() {
    SnapshotName late = killedRestore(Instant.now());
    String newest = backUp();
    arrives(late);
    nothingCanBeTakenBack();
    assertThat(snapshots()).containsExactly(newest);
    assertThat(store().undoPoints()).isEmpty();
  }

  @Test
  void anUndoPointThatComesWhileABackupRunsIsRemovedAtItsEnd() {
    SnapshotName late = killedRestore(Instant.now());
    String newest =
        backUp(
            new Progress() {
              @Override
              public void begin(String step, long totalBytes) {
                if (!snapshots().contains(late.toString())) {
                  arrives(late);
                }
              }

              @Override
              public void advance(long bytes) {}

              @Override
              public void note(String message) {}
            });
    assertThat(snapshots()).containsExactly(newest);
    assertThat(store().undoPoints()).isEmpty();
  }

  @Test
  void anUndoPointOfLongAgoIsForgotten() {
    SnapshotName old = killedRestore(Instant.now().minus(Duration.ofHours(1)));
    backUp();
    assertThat(store().undoPoints()).isEmpty();
    arrives(old);
    backUp();
    assertThat(snapshots()).hasSize(2).contains(old.toString());
  }

  @Test
  void whatWasAskedForBeforeTheImageMovedIsRemovedWhereItGoesOn() {
    String newName = LabCeph.uniqueName("moved");
    SnapshotName late = killedRestore(Instant.now());
    lab.rbd("rename", LabCeph.POOL + "/" + image.image(), LabCeph.POOL + "/" + newName);
    image = new RbdLocation(LabCeph.POOL, "", lab.removeLater(lab.pool(), newName));
    backUp();
    arrives(late);
    String newest = backUp();
    assertThat(snapshots()).containsExactly(newest);
  }
}
