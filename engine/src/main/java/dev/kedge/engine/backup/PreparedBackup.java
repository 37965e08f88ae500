package dev.kedge.engine.backup;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.undo.UndoCommands;
import dev.kedge.engine.undo.UndoStack;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A backup whose image is locked, cleaned up and looked at, and whose snapshot is yet to be taken.
 * Called in the order {@link #takeSnapshot}, {@link #complete}, {@link #close}; closed earlier, it
 * leaves the image as it was. Not thread-safe, but it can be handed from one thread to another.
 */
public final class PreparedBackup implements AutoCloseable {
  private final RbdPool pool;
  private final ImageIdentity identity;
  private final ImageStore store;
  private final String location;
  private final BackupRequest request;
  private final Clock clock;
  private final RandomGenerator random;
  private final Progress progress;
  private final CancelToken cancel;
  private final ImageSnapshots snapshots;
  private final Lease lease;
  private final Janitor janitor;
  private final UndoStack undo;
  private final List<String> notes = new ArrayList<>();
  private final long startNanos = System.nanoTime();
  private @Nullable KindChoice choice;
  private @Nullable BegunPoint point;
  private boolean snapshotBegun;

  private PreparedBackup(
      RbdPool pool,
      ImageIdentity identity,
      ImageStore store,
      String location,
      BackupRequest request,
      Clock clock,
      RandomGenerator random,
      Progress progress,
      CancelToken cancel,
      ImageSnapshots snapshots,
      Lease lease) {
    this.pool = pool;
    this.identity = identity;
    this.store = store;
    this.location = location;
    this.request = request;
    this.clock = clock;
    this.random = random;
    this.progress = progress;
    this.cancel = cancel;
    this.snapshots = snapshots;
    this.lease = lease;
    this.janitor = new Janitor(store, lease, snapshots, clock);
    this.undo = new UndoStack(store, lease, pool, request.image().image(), clock);
  }

  /** Takes the lease, cleans up, and chooses the kind of backup. The pool is closed with it. */
  static PreparedBackup begin(
      RbdPool pool,
      Series series,
      String location,
      BackupRequest request,
      Clock clock,
      RandomGenerator random,
      Progress progress,
      CancelToken cancel) {
    ImageSnapshots snapshots = new ImageSnapshots(pool, request.image().image());
    ImageStore store = series.find(snapshots);
    Lease lease = store.acquireLease();
    try {
      // Under the lease, so that no restore into the image has begun since.
      ImageSnapshots.State found = snapshots.look();
      PreparedBackup prepared =
          new PreparedBackup(
              pool,
              series.identity(),
              store,
              location,
              request,
              clock,
              random,
              progress,
              cancel,
              snapshots,
              lease);
      prepared.noteIncompleteRestore(found);
      prepared.notes.addAll(
          prepared.janitor.run(
              found.snapshots(),
              listing ->
                  prepared.notes.addAll(series.join(store, listing, snapshots, found, lease))));
      prepared.noteUndoPoints();
      cancel.check();
      prepared.choice = prepared.choose(found);
      prepared.point = new BegunPoint(store, lease, clock, progress);
      return prepared;
    } catch (Throwable e) {
      closeAfter(e, lease);
      throw e;
    }
  }

  private static void closeAfter(Throwable failure, Lease lease) {
    try {
      lease.close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** The image that is backed up. */
  public RbdLocation image() {
    return request.image();
  }

  private BegunPoint point() {
    return Objects.requireNonNull(point);
  }

  /** Takes the snapshot: the moment that the restore point will hold. Touches Ceph alone. */
  public void takeSnapshot() {
    if (snapshotBegun) {
      throw new IllegalStateException("the snapshot of " + image() + " was taken before");
    }
    snapshotBegun = true;
    try {
      snapshots.create(point().snapshotName());
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  /**
   * Moves the data and commits the restore point.
   *
   * @throws KedgeException where there is no restore point; the snapshot is gone then, or the next
   *     run sees to it
   */
  public BackupResult complete() {
    if (!snapshotBegun) {
      throw new IllegalStateException("the snapshot of " + image() + " is taken first");
    }
    NewLayer layer =
        new NewLayer(
            pool,
            identity,
            store,
            janitor.listing(),
            lease,
            request,
            point().id(),
            clock,
            random,
            progress,
            cancel);
    Manifest manifest;
    try {
      manifest = layer.write(Objects.requireNonNull(choice), point().snapshotName());
      point().commit(manifest);
    } catch (Exception e) {
      throw failed(e);
    }
    // From here on the restore point is safe: nothing that follows may fail the backup.
    notes.addAll(janitor.removeSuperseded(manifest));
    removeLateUndoPoints();
    if (!request.retainSnapshot()) {
      removeOwnSnapshot();
    }
    try {
      point().release();
    } catch (KedgeException e) {
      notes.add("the lease of the image could not be given back and runs out: " + e.getMessage());
    }
    return new BackupResult(
        manifest,
        store.imageId(),
        location + "/" + store.dataName(manifest),
        layer.reason(),
        layer.planning(),
        Duration.ofNanos(System.nanoTime() - startNanos),
        List.copyOf(notes));
  }

  private KedgeException failed(Exception e) {
    KedgeException failure = DataFailure.of(image().toString(), e);
    giveUp(failure);
    return failure;
  }

  private void giveUp(KedgeException failure) {
    point()
        .giveUp(
            failure,
            () -> {
              if (snapshotBegun) {
                snapshots.remove(point().snapshotName().toString());
              }
            });
  }

  /** The next run needs none: it reads everything. One that stays is removed then. */
  private void removeOwnSnapshot() {
    try {
      snapshots.remove(point().snapshotName().toString());
    } catch (KedgeException e) {
      notes.add("the snapshot stays until the next backup: " + e.getMessage());
    }
  }

  private void removeLateUndoPoints() {
    try {
      notes.addAll(undo.tidyAgain());
    } catch (KedgeException e) {
      notes.add(
          "what a killed in-place restore left stays until the next backup: " + e.getMessage());
    }
  }

  private void noteIncompleteRestore(ImageSnapshots.State found) {
    found
        .incompleteRestore()
        .ifPresent(restored ->
            notes.add(
                "a restore of "
                    + restored
                    + " onto this image was interrupted: its content is a mixture, and so is"
                    + " this backup; run that restore again"));
  }

  // A backup removes none of them: only who restored knows when that was right.
  private void noteUndoPoints() {
    try {
      notes.addAll(undo.tidy());
      UndoCommands commands = new UndoCommands(location, image());
      undo.kept().forEach(kept -> notes.add(commands.reminder(kept)));
    } catch (KedgeException e) {
      notes.add("what in-place restores could be taken back cannot be told: " + e.getMessage());
    }
  }

  private KindChoice choose(ImageSnapshots.State found) {
    ParentChoice parent = ParentChoice.of(store, janitor.listing(), request.layer().full());
    notes.addAll(parent.notes());
    Manifest base = parent.base();
    if (base == null) {
      return new KindChoice.Full(parent.whyNone());
    }
    if (!base.snapshot().isOurs()) {
      return new KindChoice.Rebased(
          base,
          "the latest restore point was copied here: its snapshot belongs to repository "
              + base.snapshot().repository());
    }
    boolean moved = !base.image().identity().equals(identity);
    Optional<Snapshot> retained = found.find(base.snapshot().name());
    if (retained.isEmpty()) {
      return new KindChoice.Rebased(
          base,
          moved
              ? "it was moved from " + base.image().identity()
              : "the snapshot of restore point " + base.id() + " is no longer in Ceph");
    }
    // Ids are of a pool: another one's may be the same.
    if (!isInPoolOf(base.image().identity())) {
      return new KindChoice.Rebased(base, "it was moved from " + base.image().identity());
    }
    if (!found.id().equals(base.image().rbdId()) || retained.get().id() != base.snapshot().id()) {
      return new KindChoice.Rebased(base, "the image was made anew since");
    }
    return new KindChoice.Incremental(base, base.snapshot().name(), janitor.removedSuperseded());
  }

  private boolean isInPoolOf(ImageIdentity other) {
    return identity.clusterFsid().equals(other.clusterFsid())
        && identity.pool().equals(other.pool())
        && identity.namespace().equals(other.namespace());
  }

  @Override
  public void close() {
    try (pool) {
      giveUp(
          new KedgeException(ErrorCode.INTERRUPTED, "the backup of " + image() + " was given up"));
      point().release();
    }
  }
}
