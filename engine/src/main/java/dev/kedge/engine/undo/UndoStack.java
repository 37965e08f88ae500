package dev.kedge.engine.undo;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.engine.IncompleteRestore;
import dev.kedge.engine.SnapshotName;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.UndoPoint;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The undo points of one image, the newest on top. They are kept until somebody takes the restore
 * back or lets them go: no backup removes one. The order of the steps keeps target and Ceph in
 * step: described before the snapshot exists, marked as released before it goes. For one thread,
 * under the image's lease.
 */
public final class UndoStack {
  private final ImageStore store;
  private final Lease lease;
  private final RbdPool pool;
  private final String image;
  private final Clock clock;
  private boolean awaits;

  /** The stack of the image with this name, described in its store. */
  public UndoStack(ImageStore store, Lease lease, RbdPool pool, String image, Clock clock) {
    this.store = store;
    this.lease = lease;
    this.pool = pool;
    this.image = image;
    this.clock = clock;
  }

  /**
   * Finishes what a killed run left: removes what was released, and releases what Ceph does not
   * have. That is forgotten only when its snapshot cannot come any more.
   *
   * @return what the user should know, a line each
   */
  public List<String> tidy() {
    List<String> notes = new ArrayList<>();
    List<UndoPoint> points = store.undoPoints();
    if (points.isEmpty()) {
      return notes;
    }
    Set<String> present;
    String rbdId;
    try (RbdImage handle = pool.openReadOnly(image, null)) {
      present = handle.snapshots().stream().map(Snapshot::name).collect(Collectors.toSet());
      rbdId = handle.id();
    }
    List<UndoPoint> kept = new ArrayList<>();
    awaits = false;
    for (UndoPoint point : points) {
      boolean ofThisImage = point.rbdId().equals(rbdId);
      boolean there = ofThisImage && present.contains(point.snapshotName());
      if (there) {
        if (!point.released() || !removed(point, notes)) {
          kept.add(point);
        }
        continue;
      }
      if (ofThisImage && mayStillCome(point)) {
        kept.add(point.release());
        awaits = true;
      }
      if (!point.released()) {
        notes.add(
            "the snapshot "
                + point.snapshotName()
                + " for taking back the in-place restore of "
                + point.takenAt()
                + " is not on the image: there is nothing to take back to");
      }
    }
    if (!kept.equals(points)) {
      store.replaceUndoPoints(kept, lease);
    }
    return notes;
  }

  /** The same where {@link #tidy} found a snapshot missing that may have come meanwhile. */
  public List<String> tidyAgain() {
    return awaits ? tidy() : List.of();
  }

  private boolean mayStillCome(UndoPoint point) {
    return SnapshotName.of(point.id(), point.takenAt()).mayStillCome(clock.instant());
  }

  private boolean removed(UndoPoint point, List<String> notes) {
    try (RbdImage handle = pool.open(image)) {
      remove(handle, point);
      return true;
    } catch (KedgeException e) {
      notes.add(stays(point, e));
      return false;
    }
  }

  private static String stays(UndoPoint point, KedgeException e) {
    return "the snapshot "
        + point.snapshotName()
        + " is not needed any more, and stays until the next run: "
        + e.getMessage();
  }

  private static void remove(RbdImage handle, UndoPoint point) {
    // Released last thing: whoever was killed after that had the image whole.
    if (IncompleteRestore.canUndo(handle, point.id())) {
      IncompleteRestore.clear(handle);
    }
    try {
      handle.removeSnapshot(point.snapshotName());
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
    }
  }

  /** The undo points that are kept, the newest last. */
  public List<UndoPoint> kept() {
    return store.undoPoints().stream().filter(point -> !point.released()).toList();
  }

  /** The newest undo point. */
  public Optional<UndoPoint> top() {
    List<UndoPoint> kept = kept();
    return kept.isEmpty() ? Optional.empty() : Optional.of(kept.getLast());
  }

  /**
   * Keeps the image as it is now.
   *
   * @param handle the image, opened for writing
   * @param restorePoint what is going to be restored
   */
  public UndoPoint push(RbdImage handle, UUID restorePoint) {
    UUID id = UUID.randomUUID();
    Instant moment = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    UndoPoint point =
        new UndoPoint(
            id, SnapshotName.of(id, moment).toString(), handle.id(), restorePoint, moment, false);
    List<UndoPoint> before = store.undoPoints();
    List<UndoPoint> after = new ArrayList<>(before);
    after.add(point);
    store.replaceUndoPoints(after, lease);
    try {
      handle.createSnapshot(point.snapshotName());
    } catch (KedgeException e) {
      forget(before, e);
      throw e;
    }
    return point;
  }

  // A snapshot that was taken although Ceph reported a failure stays described.
  private void forget(List<UndoPoint> before, KedgeException failure) {
    try {
      UndoPoint attempted = store.undoPoints().getLast();
      try (RbdImage handle = pool.openReadOnly(image, null)) {
        if (handle.snapshots().stream().noneMatch(s -> attempted.snapshotName().equals(s.name()))) {
          store.replaceUndoPoints(before, lease);
        }
      }
    } catch (KedgeException e) {
      failure.addSuppressed(e);
    }
  }

  /** Says that an undo point is not needed any more; {@link #tidy} removes it. */
  public void release(UndoPoint released) {
    store.replaceUndoPoints(
        store.undoPoints().stream()
            .map(point -> point.id().equals(released.id()) ? point.release() : point)
            .toList(),
        lease);
  }
}
