package dev.kedge.engine.backup;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.IncompleteRestore;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.SnapshotName;
import dev.kedge.engine.chain.ChainHealth;
import dev.kedge.engine.undo.UndoCommands;
import dev.kedge.engine.undo.UndoStack;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import dev.kedge.repository.Repository;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * One backup of one image. The order keeps every promise: lease, janitor, intent, new snapshot,
 * data, checksums, manifest, and only then the old snapshot goes. Killed at any step it leaves the
 * old state or the new one, and what the next run cleans up. One use, one thread.
 */
public final class Backup {
  private final CephCluster cluster;
  private final Repository repository;
  private final BackupRequest request;
  private final Clock clock;
  private final RandomGenerator random;
  private final Progress progress;
  private final CancelToken cancel;
  private final List<String> notes = new ArrayList<>();

  /** A backup into the repository; {@code random} picks what the cross-check looks at. */
  public Backup(
      CephCluster cluster,
      Repository repository,
      BackupRequest request,
      Clock clock,
      RandomGenerator random,
      Progress progress,
      CancelToken cancel) {
    this.cluster = cluster;
    this.repository = repository;
    this.request = request;
    this.clock = clock;
    this.random = random;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Runs the backup.
   *
   * @return the committed restore point
   * @throws dev.kedge.base.KedgeException where there is none; the image then has the snapshots
   *     that it had before, or the next run sees to it
   */
  public BackupResult run() {
    RbdLocation location = request.image();
    try (RbdPool pool = cluster.openPool(location.pool(), location.namespace())) {
      ImageSnapshots snapshots = new ImageSnapshots(pool, location.image());
      noteIncompleteRestore(pool);
      ImageStore store = repository.image(location.identity(cluster.fsid()));
      try (Lease lease = store.acquireLease()) {
        Janitor janitor = new Janitor(store, lease, snapshots);
        notes.addAll(janitor.run());
        noteUndoPoints(store, lease, pool);
        cancel.check();
        return backUp(pool, store, lease, snapshots, janitor);
      }
    }
  }

  // A backup removes none of them: only who restored knows when that was right.
  private void noteUndoPoints(ImageStore store, Lease lease, RbdPool pool) {
    UndoStack undo = new UndoStack(store, lease, pool, request.image().image());
    try {
      notes.addAll(undo.tidy());
      UndoCommands commands = new UndoCommands(repository.location(), request.image());
      undo.kept().forEach(point -> notes.add(commands.reminder(point)));
    } catch (KedgeException e) {
      notes.add("what in-place restores could be taken back cannot be told: " + e.getMessage());
    }
  }

  private void noteIncompleteRestore(RbdPool pool) {
    try (RbdImage image = pool.openReadOnly(request.image().image(), null)) {
      IncompleteRestore.of(image)
          .ifPresent(point ->
              notes.add(
                  "a restore of "
                      + point
                      + " onto this image was interrupted: its content is a mixture, and so is"
                      + " this backup; run that restore again"));
    }
  }

  private BackupResult backUp(
      RbdPool pool, ImageStore store, Lease lease, ImageSnapshots snapshots, Janitor janitor) {
    long startNanos = System.nanoTime();
    UUID point = UUID.randomUUID();
    SnapshotName snapshot = SnapshotName.of(point, clock.instant());
    lease.intend(point, snapshot.toString());
    NewLayer layer =
        new NewLayer(pool, store, lease, request, point, clock, random, progress, cancel);
    Manifest manifest;
    try {
      KindChoice choice = choose(store, snapshots, pool, janitor.removedSuperseded());
      snapshots.create(snapshot);
      Snapshot taken = snapshots.find(snapshot.toString()).orElseThrow(() -> vanished(snapshot));
      manifest = layer.write(choice, taken);
      commit(store, lease, manifest);
    } catch (Exception e) {
      KedgeException failure = DataFailure.of(request.image().toString(), e);
      undo(store, lease, snapshots, point, snapshot, failure);
      throw failure;
    }
    // From here on the restore point is safe: nothing that follows may fail the backup.
    notes.addAll(janitor.removeSuperseded(manifest));
    return new BackupResult(
        manifest,
        repository.location() + "/" + store.dataName(manifest),
        layer.reason(),
        layer.planning(),
        Duration.ofNanos(System.nanoTime() - startNanos),
        List.copyOf(notes));
  }

  private static KedgeException vanished(SnapshotName snapshot) {
    return new KedgeException(
        ErrorCode.FAILED,
        "the snapshot " + snapshot + " was removed by somebody as soon as it was taken; try again");
  }

  private KindChoice choose(
      ImageStore store, ImageSnapshots snapshots, RbdPool pool, boolean olderRemoved) {
    Optional<Manifest> latest = store.latest();
    if (latest.isEmpty()) {
      return new KindChoice.Full("there is no restore point yet");
    }
    if (request.full()) {
      return new KindChoice.Full("a full backup was asked for");
    }
    Manifest base = latest.get();
    Optional<String> broken = ChainHealth.damage(store, base.id());
    if (broken.isPresent()) {
      notes.add(
          "the chain of the latest restore point is damaged ("
              + broken.get()
              + "), so this backup is a full one; run 'kedge verify --all'");
      return new KindChoice.Full("the chain of the latest restore point is damaged");
    }
    Optional<Snapshot> retained = snapshots.find(base.snapshot().name());
    if (retained.isEmpty()) {
      return new KindChoice.Rebased(
          base, "the snapshot of restore point " + base.id() + " is no longer in Ceph");
    }
    try (RbdImage image = pool.openReadOnly(request.image().image(), null)) {
      if (!image.id().equals(base.image().rbdId()) || retained.get().id() != base.snapshot().id()) {
        return new KindChoice.Rebased(base, "the image was made anew since");
      }
    }
    return new KindChoice.Incremental(base, base.snapshot().name(), olderRemoved);
  }

  private static void commit(ImageStore store, Lease lease, Manifest manifest) {
    try {
      store.commit(manifest, lease);
    } catch (KedgeException e) {
      // A write that reported a failure may have happened all the same: what counts is what is
      // there.
      if (!isCommitted(store, manifest.id())) {
        throw e;
      }
    }
  }

  private static boolean isCommitted(ImageStore store, UUID point) {
    PointListing listing = store.points();
    return listing.find(point).isPresent()
        || listing.damaged().stream().anyMatch(damaged -> damaged.point().equals(point));
  }

  private void undo(
      ImageStore store,
      Lease lease,
      ImageSnapshots snapshots,
      UUID point,
      SnapshotName snapshot,
      KedgeException failure) {
    try {
      if (isCommitted(store, point)) {
        return;
      }
      snapshots.remove(snapshot.toString());
      store.discard(point, lease);
      lease.forgetPending(List.of(snapshot.toString()));
    } catch (RuntimeException e) {
      // The intent stays in the lease: the next run removes what this one could not.
      failure.addSuppressed(e);
      progress.note(
          "could not clean up after the failure; the next backup will: " + e.getMessage());
    }
  }
}
