package dev.kedge.engine.restore.inplace;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.IncompleteRestore;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.undo.UndoStack;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Repository;
import dev.kedge.repository.UndoPoint;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Takes the latest restore into an image back, or gives up the possibility. What differs is copied
 * from the undo point's snapshot: a rollback would do as well, and would deceive the object map
 * that the next backup asks. Killed at any moment, it can be run again. One use, one thread.
 */
public final class InPlaceUndo {
  private final CephCluster cluster;
  private final Repository repository;
  private final InPlaceRequest request;
  private final Clock clock;
  private final RandomGenerator random;
  private final Progress progress;
  private final CancelToken cancel;
  private final List<String> notes = new ArrayList<>();

  /** An undo; {@code random} picks what is compared to doubt the diff. */
  public InPlaceUndo(
      CephCluster cluster,
      Repository repository,
      InPlaceRequest request,
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

  private interface Work<T> {
    T run(RbdPool pool, Lease lease, UndoStack undo) throws Exception;
  }

  /**
   * Makes the image what it was before the latest restore into it. What was written since is lost.
   *
   * @throws KedgeException NOT_FOUND where there is nothing to take back, BUSY where somebody uses
   *     the image or backs it up
   */
  public UndoResult run() {
    long startNanos = System.nanoTime();
    return withStack((pool, lease, undo) -> {
      UndoPoint top = undo.top().orElseThrow(this::nothing);
      if (request.dryRun()) {
        return rehearse(pool, top, startNanos);
      }
      UndoResult result = takeBack(pool, lease, undo, top, startNanos);
      // Only now: a snapshot goes through whoever holds the exclusive lock, which we did.
      notes.addAll(undo.tidy());
      return result.withNotes(notes);
    });
  }

  /**
   * Lets all undo points of the image go.
   *
   * @return those that were kept until now
   * @throws KedgeException NOT_FOUND where there is none, REFUSED where a restore was interrupted
   */
  public List<UndoPoint> discard() {
    return withStack((pool, lease, undo) -> {
      List<UndoPoint> kept = undo.kept();
      if (kept.isEmpty()) {
        throw nothing();
      }
      try (RbdImage image = pool.openReadOnly(request.image().image(), null)) {
        if (kept.stream().anyMatch(point -> IncompleteRestore.canUndo(image, point.id()))) {
          throw new KedgeException(
              ErrorCode.REFUSED,
              "a restore into "
                  + request.image()
                  + " was interrupted: finish it, or take it back with --undo, first");
        }
      }
      kept.forEach(undo::release);
      undo.tidy().forEach(progress::note);
      return kept;
    });
  }

  private <T> T withStack(Work<T> work) {
    RbdLocation location = request.image();
    try (RbdPool pool = cluster.openPool(location.pool(), location.namespace())) {
      pool.openReadOnly(location.image(), null).close();
      ImageStore store = store();
      try (Lease lease = store.acquireLease()) {
        UndoStack undo = new UndoStack(store, lease, pool, location.image(), clock);
        notes.addAll(undo.tidy());
        return work.run(pool, lease, undo);
      }
    } catch (Exception e) {
      throw DataFailure.of("undo of the restore into " + location, e);
    }
  }

  private ImageStore store() {
    return repository.existing(request.image().identity(cluster.fsid())).orElseThrow(this::nothing);
  }

  private KedgeException nothing() {
    return new KedgeException(
        ErrorCode.NOT_FOUND,
        "there is no in-place restore of "
            + request.image()
            + " in "
            + repository.location()
            + " that could be taken back");
  }

  private UndoResult rehearse(RbdPool pool, UndoPoint top, long startNanos) throws Exception {
    String name = request.image().image();
    try (RbdImage image = pool.openReadOnly(name, null);
        RbdImage snapshot = pool.openReadOnly(name, top.snapshotName());
        DifferenceSink sink = DifferenceSink.comparing(image);
        SnapshotCopy copy = new SnapshotCopy(snapshot, sink, progress, cancel)) {
      copy.run(UndoCandidates.of(image, snapshot, random).ranges());
      return result(top, snapshot.sizeBytes(), sink, true, startNanos);
    }
  }

  private UndoResult takeBack(
      RbdPool pool, Lease lease, UndoStack undo, UndoPoint top, long startNanos) throws Exception {
    RbdLocation location = request.image();
    try (ExclusiveImage exclusive =
            ExclusiveImage.open(pool, location, request.force(), progress, cancel);
        RbdImage snapshot = pool.openReadOnly(location.image(), top.snapshotName())) {
      RbdImage image = exclusive.handle();
      // Before the size changes: what lies behind the end is known only now.
      CandidateRanges candidates = UndoCandidates.of(image, snapshot, random);
      lease.assertHeld();
      IncompleteRestore.mark(image, top.restorePoint(), top.id());
      if (image.sizeBytes() != snapshot.sizeBytes()) {
        image.resize(snapshot.sizeBytes());
      }
      try (DifferenceSink sink = DifferenceSink.writing(image);
          SnapshotCopy copy = new SnapshotCopy(snapshot, sink, progress, cancel)) {
        copy.run(candidates.ranges());
        sink.commit();
        undo.release(top);
        IncompleteRestore.clear(image);
        return result(top, snapshot.sizeBytes(), sink, false, startNanos);
      }
    }
  }

  private UndoResult result(
      UndoPoint point, long sizeBytes, DifferenceSink sink, boolean dryRun, long startNanos) {
    return new UndoResult(
        point,
        sizeBytes,
        sink.comparedBytes(),
        sink.differingBytes(),
        dryRun ? 0 : sink.differingBytes(),
        dryRun ? 0 : sink.zeroedBytes(),
        Duration.ofNanos(System.nanoTime() - startNanos),
        List.copyOf(notes));
  }
}
