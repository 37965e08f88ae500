package dev.kedge.engine.restore.inplace;

import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.IncompleteRestore;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.plan.ExtentList;
import dev.kedge.engine.restore.RestorePipeline;
import dev.kedge.engine.undo.UndoStack;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import dev.kedge.repository.UndoPoint;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Takes an image back to a restore point by writing only what differs. The order keeps the data:
 * lease, exclusive lock, plan, comparison (which proves all that will be written), undo point,
 * mark, size, data, flush, and the mark goes. Killed before the mark it leaves the image as it was;
 * killed after it, the same restore finishes the work, and the undo point is still of the time
 * before. One use, one thread.
 */
public final class InPlaceRestore {
  private final CephCluster cluster;
  private final Repository repository;
  private final FoundPoint point;
  private final InPlaceRequest request;
  private final Clock clock;
  private final RandomGenerator random;
  private final Progress progress;
  private final CancelToken cancel;
  private final List<String> notes = new ArrayList<>();

  /** A restore of this point; {@code random} picks what is compared to doubt the plan. */
  public InPlaceRestore(
      CephCluster cluster,
      Repository repository,
      FoundPoint point,
      InPlaceRequest request,
      Clock clock,
      RandomGenerator random,
      Progress progress,
      CancelToken cancel) {
    this.cluster = cluster;
    this.repository = repository;
    this.point = point;
    this.request = request;
    this.clock = clock;
    this.random = random;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Runs it.
   *
   * @throws dev.kedge.base.KedgeException NOT_FOUND where there is no such image, BUSY where
   *     somebody uses it or backs it up, VERIFICATION_FAILED where stored data is damaged: then
   *     nothing was written
   */
  public InPlaceResult run() {
    RbdLocation location = request.image();
    try (RbdPool pool = cluster.openPool(location.pool(), location.namespace())) {
      pool.openReadOnly(location.image(), null).close();
      return request.dryRun() ? rehearse(pool) : restore(pool);
    } catch (Exception e) {
      throw DataFailure.of("restore into " + location, e);
    }
  }

  private ImageIdentity identity() {
    return request.image().identity(cluster.fsid());
  }

  private InPlaceResult rehearse(RbdPool pool) throws Exception {
    long startNanos = System.nanoTime();
    try (RbdImage image = pool.openReadOnly(request.image().image(), null)) {
      if (!image.watchers().isEmpty()) {
        notes.add("the image is in use: what differs is changing");
      }
      Comparison comparison = compare(image, image.sizeBytes());
      return result(comparison, 0, 0, null, startNanos);
    }
  }

  private InPlaceResult restore(RbdPool pool) throws Exception {
    RbdLocation location = request.image();
    try (Lease lease = repository.image(identity()).acquireLease()) {
      UndoStack undo =
          new UndoStack(repository.image(identity()), lease, pool, location.image(), clock);
      notes.addAll(undo.tidy());
      cancel.check();
      try (ExclusiveImage image =
          ExclusiveImage.open(pool, location, request.force(), progress, cancel)) {
        return restore(image.handle(), undo, lease);
      }
    }
  }

  private InPlaceResult restore(RbdImage image, UndoStack undo, Lease lease) throws Exception {
    long startNanos = System.nanoTime();
    Optional<UndoPoint> interrupted =
        undo.top().filter(top -> IncompleteRestore.canUndo(image, top.id()));
    Comparison comparison = compare(image, shortestBytes(image, interrupted));
    cancel.check();
    if (comparison.differing.isEmpty() && image.sizeBytes() == wanted().sizeBytes()) {
      // Of a restore that was killed after its last write, or of nothing at all.
      IncompleteRestore.clear(image);
      return result(comparison, 0, 0, interrupted.orElse(null), startNanos);
    }
    UndoPoint before = interrupted.orElseGet(() -> undo.push(image, wanted().id()));
    lease.assertHeld();
    IncompleteRestore.mark(image, wanted().id(), before.id());
    DifferenceSink written = write(image, comparison.differing);
    IncompleteRestore.clear(image);
    return result(comparison, written.differingBytes(), written.zeroedBytes(), before, startNanos);
  }

  // What was cut off since the undo point, by us, a diff of the image as it is now need not show.
  private static long shortestBytes(RbdImage image, Optional<UndoPoint> interrupted) {
    return image.snapshots().stream()
        .filter(s -> interrupted.map(UndoPoint::snapshotName).equals(Optional.of(s.name())))
        .mapToLong(Snapshot::sizeBytes)
        .reduce(image.sizeBytes(), Math::min);
  }

  private Manifest wanted() {
    return point.manifest();
  }

  private record Comparison(
      CandidateRanges candidates,
      ExtentList differing,
      long differingBytes,
      long comparedBytes,
      long sizeBefore) {}

  // Everything that may be written is loaded and proven before anything is.
  private Comparison compare(RbdImage image, long shortestBytes) throws Exception {
    long sizeBefore = image.sizeBytes();
    CandidatePlanner planner =
        new CandidatePlanner(point.image(), wanted(), random, progress, cancel);
    CandidateRanges candidates = planner.plan(image, identity(), shortestBytes);
    try (DifferenceSink sink = DifferenceSink.comparing(image)) {
      move(candidates.ranges(), sink);
      return new Comparison(
          candidates,
          sink.differing(),
          sink.differingBytes(),
          planner.readBytes() + sink.comparedBytes(),
          sizeBefore);
    }
  }

  private DifferenceSink write(RbdImage image, ExtentList differing) throws Exception {
    try {
      if (image.sizeBytes() != wanted().sizeBytes()) {
        image.resize(wanted().sizeBytes());
      }
      try (DifferenceSink sink = DifferenceSink.writing(image)) {
        move(differing, sink);
        cancel.check();
        sink.commit();
        return sink;
      }
    } catch (Exception e) {
      progress.note(
          request.image()
              + " is a mixture now: run this restore again, or take it back with --undo");
      throw e;
    }
  }

  private void move(ExtentList ranges, DifferenceSink sink) throws Exception {
    try (RestorePointReader chain = RestorePointReader.open(point.image(), wanted().id())) {
      int unit = Math.max(sink.granuleBytes(), chain.largestClusterBytes());
      ExtentList aligned = AlignedRanges.of(ranges, unit, wanted().sizeBytes());
      new RestorePipeline(chain, aligned, sink, request.workers(), progress, cancel).run();
    }
  }

  private InPlaceResult result(
      Comparison comparison,
      long writtenBytes,
      long zeroedBytes,
      @Nullable UndoPoint undoPoint,
      long startNanos) {
    return new InPlaceResult(
        wanted(),
        point.image().chain(wanted().id()).size(),
        comparison.candidates.method().toString(),
        comparison.candidates.reason(),
        comparison.sizeBefore,
        comparison.comparedBytes,
        comparison.differingBytes,
        writtenBytes,
        zeroedBytes,
        undoPoint,
        Duration.ofNanos(System.nanoTime() - startNanos),
        List.copyOf(notes));
  }
}
