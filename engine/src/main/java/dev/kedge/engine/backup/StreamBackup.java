package dev.kedge.engine.backup;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdFeatures;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.engine.SnapshotName;
import dev.kedge.engine.plan.ClusterSizeChoice;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import dev.kedge.repository.Repository;
import dev.kedge.repository.UnknownFields;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A backup of a disk that is read as a whole: only what differs from the latest restore point is
 * stored. Lease, clean-up, intent; snapshot; data, proof; what the source made for it goes; commit.
 * Used as {@link PreparedBackup} is. Not thread-safe, but it can be handed from one thread to
 * another.
 */
public final class StreamBackup implements AutoCloseable {
  private static final String WHY_EVERYTHING =
      "it is not on Ceph, which alone could tell what changed";
  // What a restore to RBD makes of it: an image with the defaults of every release.
  private static final long FEATURES =
      RbdFeatures.LAYERING
          | RbdFeatures.EXCLUSIVE_LOCK
          | RbdFeatures.OBJECT_MAP
          | RbdFeatures.FAST_DIFF
          | RbdFeatures.DEEP_FLATTEN;
  private static final long OBJECT_BYTES = 4 << 20;

  private final StreamSource source;
  private final ImageStore store;
  private final String location;
  private final LayerOptions options;
  private final Progress progress;
  private final CancelToken cancel;
  private final Lease lease;
  private final PointListing earlier;
  private final KindChoice choice;
  private final BegunPoint point;
  private final List<String> notes;
  private final long startNanos = System.nanoTime();
  private @Nullable Instant takenAt;
  private boolean snapshotBegun;

  private StreamBackup(
      StreamSource source,
      ImageStore store,
      String location,
      LayerOptions options,
      Progress progress,
      CancelToken cancel,
      Lease lease,
      PointListing earlier,
      KindChoice choice,
      BegunPoint point,
      List<String> notes) {
    this.source = source;
    this.store = store;
    this.location = location;
    this.options = options;
    this.progress = progress;
    this.cancel = cancel;
    this.lease = lease;
    this.earlier = earlier;
    this.choice = choice;
    this.point = point;
    this.notes = notes;
  }

  /**
   * Takes the lease, removes what killed runs left, and chooses the kind of backup. Nobody else
   * backs the disk up until what this returns is closed.
   */
  public static StreamBackup prepare(
      StreamSource source,
      Repository repository,
      LayerOptions options,
      Clock clock,
      Progress progress,
      CancelToken cancel) {
    ImageStore store = repository.image(source.identity());
    Lease lease = store.acquireLease();
    try {
      List<String> notes = new ArrayList<>(removeLeftovers(source, store, lease));
      cancel.check();
      PointListing earlier = store.points();
      ParentChoice parent = ParentChoice.of(store, earlier, options.full());
      notes.addAll(parent.notes());
      Manifest base = parent.base();
      return new StreamBackup(
          source,
          store,
          repository.location(),
          options,
          progress,
          cancel,
          lease,
          earlier,
          base == null
              ? new KindChoice.Full(parent.whyNone())
              : new KindChoice.Rebased(base, WHY_EVERYTHING),
          new BegunPoint(store, lease, clock, progress),
          notes);
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

  /**
   * Removes what killed backups of the disk left, at the source and on the target.
   *
   * @return what could not be removed, a line each: the next clean-up tries again
   * @throws KedgeException BUSY where a backup of it runs
   */
  public static List<String> cleanUp(StreamSource source, Repository repository) {
    ImageStore store = repository.image(source.identity());
    try (Lease lease = store.acquireLease()) {
      return removeLeftovers(source, store, lease);
    }
  }

  private static List<String> removeLeftovers(StreamSource source, ImageStore store, Lease lease) {
    List<String> notes = new ArrayList<>();
    List<String> names = new ArrayList<>(store.cleanUp(lease).abandonedSnapshots());
    // Its backup may have been unable to remove what it made.
    store
        .latest()
        .filter(latest -> latest.snapshot().isOurs())
        .ifPresent(latest -> names.add(latest.snapshot().name()));
    for (String abandoned : names) {
      try {
        source.remove(abandoned);
        lease.forgetPending(List.of(abandoned));
      } catch (KedgeException e) {
        notes.add(
            "what an earlier backup made as "
                + abandoned
                + " stays until the next one: "
                + e.getMessage());
      }
    }
    return notes;
  }

  /** Takes the snapshot: the moment that the restore point will hold. */
  public void takeSnapshot() {
    if (snapshotBegun) {
      throw new IllegalStateException("the snapshot of " + source.identity() + " was taken before");
    }
    snapshotBegun = true;
    try {
      takenAt = source.takeSnapshot(point.snapshotName().toString());
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  /** When the snapshot was taken. */
  public Instant takenAt() {
    return Objects.requireNonNull(takenAt, "the snapshot is taken first");
  }

  /**
   * Moves the data and commits the restore point.
   *
   * @throws KedgeException where there is no restore point; what was made for it at the source is
   *     gone then, or the next run sees to it
   */
  public BackupResult complete() {
    Instant taken = takenAt();
    Manifest manifest;
    try {
      manifest = write(taken);
      removeFromSource();
      point.commit(manifest);
    } catch (Exception e) {
      throw failed(e);
    }
    try {
      point.release();
    } catch (KedgeException e) {
      notes.add("the lease of the disk could not be given back and runs out: " + e.getMessage());
    }
    return new BackupResult(
        manifest,
        store.imageId(),
        location + "/" + store.dataName(manifest),
        choice.reason(),
        Duration.ZERO,
        elapsed(),
        List.copyOf(notes));
  }

  private Manifest write(Instant taken) throws Exception {
    SnapshotName name = point.snapshotName();
    try (StreamSource.Content content = source.open(name.toString())) {
      long sizeBytes = content.sizeBytes();
      ClusterSize clusterSize =
          Objects.requireNonNullElseGet(
              options.clusterSize(), () -> ClusterSizeChoice.forImage(sizeBytes));
      progress.begin("backup", sizeBytes);
      LayerFiles.Written files =
          new LayerFiles(store, point.id(), options, progress, cancel)
              .writeDifferences(
                  choice,
                  clusterSize,
                  sizeBytes,
                  base ->
                      new StreamChunks(
                          content.stream(), sizeBytes, clusterSize, options, base, cancel));
      content.prove();
      LayerWriter counted = files.counted();
      return new Manifest(
          point.id(),
          earlier.nextSequence(),
          choice.kind(),
          choice.parent().map(Manifest::id).orElse(null),
          taken,
          described(sizeBytes),
          sizeBytes,
          new Manifest.Snapshot(name.toString(), 0, taken, false),
          files.data(),
          files.sums(),
          new Manifest.Counts(
              1,
              counted.differingBytes(),
              counted.readBytes(),
              counted.zeroBytes(),
              counted.storedBytes()),
          elapsed().toMillis() / 1000.0,
          lease.token(),
          Manifest.WRITER,
          UnknownFields.NONE);
    }
  }

  private Manifest.Image described(long sizeBytes) {
    return new Manifest.Image(
        source.identity(),
        source.identity().name(),
        sizeBytes,
        OBJECT_BYTES,
        OBJECT_BYTES,
        1,
        FEATURES,
        null,
        null);
  }

  /** Before the commit: a kill in between leaves the intent, by which the next run finds it. */
  private void removeFromSource() {
    try {
      source.remove(point.snapshotName().toString());
    } catch (KedgeException e) {
      notes.add(
          "what was made as "
              + point.snapshotName()
              + " stays until the next backup: "
              + e.getMessage());
    }
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  private KedgeException failed(Exception e) {
    KedgeException failure = DataFailure.of(source.identity().toString(), e);
    giveUp(failure);
    return failure;
  }

  private void giveUp(KedgeException failure) {
    point.giveUp(
        failure,
        () -> {
          if (snapshotBegun) {
            source.remove(point.snapshotName().toString());
          }
        });
  }

  @Override
  public void close() {
    giveUp(
        new KedgeException(
            ErrorCode.INTERRUPTED, "the backup of " + source.identity() + " was given up"));
    point.release();
  }
}
