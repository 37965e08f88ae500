package dev.kedge.engine.backup;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.SnapshotName;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.pipeline.RateLimit;
import dev.kedge.engine.plan.ClusterSizeChoice;
import dev.kedge.engine.plan.ExtentList;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import dev.kedge.repository.UnknownFields;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of one restore point, flushed, and describes them in a manifest that is yet to
 * be committed. One use.
 */
final class NewLayer {
  private final RbdPool pool;
  private final ImageIdentity identity;
  private final ImageStore store;
  private final PointListing earlier;
  private final Lease lease;
  private final BackupRequest request;
  private final UUID point;
  private final Clock clock;
  private final RandomGenerator random;
  private final Progress progress;
  private final CancelToken cancel;
  private String reason = "";
  private Duration planning = Duration.ZERO;
  private long comparedBytes;

  NewLayer(
      RbdPool pool,
      ImageIdentity identity,
      ImageStore store,
      PointListing earlier,
      Lease lease,
      BackupRequest request,
      UUID point,
      Clock clock,
      RandomGenerator random,
      Progress progress,
      CancelToken cancel) {
    this.pool = pool;
    this.identity = identity;
    this.store = store;
    this.earlier = earlier;
    this.lease = lease;
    this.request = request;
    this.point = point;
    this.clock = clock;
    this.random = random;
    this.progress = progress;
    this.cancel = cancel;
  }

  /** Writes what the image held at its new snapshot. */
  Manifest write(KindChoice choice, SnapshotName name) throws Exception {
    Instant createdAt = clock.instant();
    long startNanos = System.nanoTime();
    String image = request.image().image();
    try (RbdImage snapshot = open(image, name)) {
      Snapshot taken =
          snapshot.snapshots().stream()
              .filter(other -> other.name().equals(name.toString()))
              .findFirst()
              .orElseThrow(() -> vanished(name, null));
      BackupPlan plan =
          new BackupPlanner(pool, image, request.layer().clusterSize(), random)
              .plan(snapshot, choice);
      if (plan.choice() instanceof KindChoice.Rebased rebased) {
        plan = compare(snapshot, plan, rebased);
      }
      planning = Duration.ofNanos(System.nanoTime() - startNanos);
      reason = plan.choice().reason();
      LayerFiles.Written files = writeFiles(snapshot, plan);
      Manifest.Image described = ImageDescription.of(identity, snapshot);
      return new Manifest(
          point,
          earlier.nextSequence(),
          plan.choice().kind(),
          plan.choice().parent().map(Manifest::id).orElse(null),
          createdAt,
          described,
          snapshot.sizeBytes(),
          new Manifest.Snapshot(
              taken.name(), taken.id(), taken.createdAt(), othersBefore(snapshot, taken)),
          files.data(),
          files.sums(),
          counts(plan, files.counted()),
          Duration.ofNanos(System.nanoTime() - startNanos).toMillis() / 1000.0,
          lease.token(),
          Manifest.WRITER,
          UnknownFields.NONE);
    }
  }

  private RbdImage open(String image, SnapshotName name) {
    try {
      return pool.openReadOnly(image, name.toString());
    } catch (KedgeException e) {
      throw e.code() == ErrorCode.NOT_FOUND ? vanished(name, e) : e;
    }
  }

  private static KedgeException vanished(SnapshotName name, @Nullable KedgeException cause) {
    return new KedgeException(
        ErrorCode.FAILED,
        "the snapshot " + name + " was removed by somebody as soon as it was taken; try again",
        cause);
  }

  private boolean othersBefore(RbdImage snapshot, Snapshot taken) {
    long superseded =
        earlier
            .latest()
            .map(Manifest::snapshot)
            .filter(Manifest.Snapshot::isOurs)
            .map(Manifest.Snapshot::id)
            .orElse(-1L);
    return snapshot.allSnapshots().stream()
        .anyMatch(other -> other.id() < taken.id() && other.id() != superseded);
  }

  /** Why the backup is of its kind; known after writing. */
  String reason() {
    return reason;
  }

  /** How long it took to find out what to read; known after writing. */
  Duration planning() {
    return planning;
  }

  private LayerFiles.Written writeFiles(RbdImage snapshot, BackupPlan plan) throws Exception {
    progress.begin("backup", plan.extents().bytesToRead());
    LayerOptions options = request.layer();
    return new LayerFiles(store, point, options, progress, cancel)
        .write(
            plan.choice(),
            plan.clusterSize(),
            snapshot.sizeBytes(),
            feed(snapshot, plan, options, null));
  }

  private ChunkFeed feed(
      RbdImage snapshot, BackupPlan plan, LayerOptions options, @Nullable BaseLookup base) {
    return (ring, pipeline, chunkBytes) ->
        new ChunkReader(
                snapshot,
                plan.clusterSize().bytes(),
                chunkBytes,
                base,
                ring,
                pipeline,
                new RateLimit(options.maxBytesPerSecond()),
                cancel)
            .read(plan.extents());
  }

  /** Reads everything that the plan names, for what differs from the restore point. */
  private BackupPlan compare(RbdImage snapshot, BackupPlan everything, KindChoice.Rebased rebased)
      throws Exception {
    progress.begin("compare", everything.extents().bytesToRead());
    UUID base = rebased.base().id();
    long imageBytes = snapshot.sizeBytes();
    // Most checksums there are, are of clusters of this size.
    ClusterSize usual = ClusterSizeChoice.forImage(imageBytes);
    BackupPlan reading = new BackupPlan(rebased, everything.extents(), usual);
    LayerOptions options = request.layer().uncompressed();
    try (RestorePointLookup lookup =
            new RestorePointLookup(RestorePointReader.open(store, base), usual.bytes());
        DifferenceFinder finder =
            new DifferenceFinder(RestorePointReader.open(store, base), imageBytes, usual.bytes())) {
      new LayerPipeline(usual, false, options, finder, progress)
          .run(feed(snapshot, reading, options, lookup));
      comparedBytes = finder.readBytes();
      ExtentList differences = finder.differences();
      ClusterSize wanted = request.layer().clusterSize();
      return new BackupPlan(
          rebased,
          differences,
          // An extent that begins with an object is no longer one that Ceph made too long.
          wanted == null ? ClusterSizeChoice.forChanges(differences, imageBytes, 1) : wanted);
    }
  }

  private Manifest.Counts counts(BackupPlan plan, LayerWriter writer) {
    return new Manifest.Counts(
        plan.extents().size(),
        plan.extents().totalBytes(),
        comparedBytes + writer.readBytes(),
        writer.zeroBytes(),
        writer.storedBytes());
  }
}
