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
import dev.kedge.engine.plan.ClusterSizeChoice;
import dev.kedge.engine.plan.ExtentList;
import dev.kedge.qcow2.BackingFile;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.qcow2.Qcow2Writer;
import dev.kedge.qcow2.WriterOptions;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.DigestingOutput;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import dev.kedge.repository.PointOutputs;
import dev.kedge.repository.SumsWriter;
import dev.kedge.repository.UnknownFields;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of one restore point, flushed, and describes them in a manifest that is yet to
 * be committed. One use.
 */
final class NewLayer {
  private static final String QCOW2 = "qcow2";

  private final RbdPool pool;
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
          new BackupPlanner(pool, image, request.clusterSize(), random).plan(snapshot, choice);
      if (plan.choice() instanceof KindChoice.Rebased rebased) {
        plan = compare(snapshot, plan, rebased);
      }
      planning = Duration.ofNanos(System.nanoTime() - startNanos);
      reason = plan.choice().reason();
      Files files = writeFiles(snapshot, plan);
      Manifest.Image described = ImageDescription.of(store.identity(), snapshot);
      return new Manifest(
          point,
          earlier.nextSequence(),
          kind(plan.choice()),
          plan.choice().parent().map(Manifest::id).orElse(null),
          createdAt,
          described,
          snapshot.sizeBytes(),
          new Manifest.Snapshot(
              taken.name(), taken.id(), taken.createdAt(), othersBefore(snapshot, taken)),
          files.data,
          files.sums,
          files.counts,
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
    long superseded = earlier.latest().map(latest -> latest.snapshot().id()).orElse(-1L);
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

  private record Files(Manifest.DataFile data, Manifest.SumsFile sums, Manifest.Counts counts) {}

  private Files writeFiles(RbdImage snapshot, BackupPlan plan) throws Exception {
    int clusterBytes = plan.clusterSize().bytes();
    try (PointOutputs outputs = store.begin(point)) {
      DigestingOutput digesting = new DigestingOutput(outputs.data());
      LayerWriter writer =
          new LayerWriter(
              new Qcow2Writer(
                  digesting,
                  new WriterOptions(
                      snapshot.sizeBytes(),
                      plan.clusterSize(),
                      request.compression(),
                      backing(plan.choice()))),
              new SumsWriter(outputs.sums(), clusterBytes, snapshot.sizeBytes()),
              snapshot.sizeBytes(),
              clusterBytes,
              store.buffersWrites());
      move(snapshot, plan, writer);
      writer.finish();
      outputs.data().flush();
      SumsWriter.Summary sums = writer.finishSums();
      outputs.sums().flush();
      cancel.check();
      return new Files(
          new Manifest.DataFile(
              point + ".qcow2",
              digesting.lengthBytes(),
              clusterBytes,
              request.compression().name().toLowerCase(Locale.ROOT),
              digesting.tablesDigest()),
          new Manifest.SumsFile(
              point + ".sums", sums.lengthBytes(), sums.digest(), Checksum.ALGORITHM),
          counts(plan, writer));
    }
  }

  private @Nullable BackingFile backing(KindChoice choice) {
    return choice.parent().map(parent -> new BackingFile(parent.file().name(), QCOW2)).orElse(null);
  }

  private void move(RbdImage snapshot, BackupPlan plan, LayerWriter writer) throws Exception {
    progress.begin("backup", plan.extents().bytesToRead());
    new LayerPipeline(
            snapshot, plan, request, request.compression(), null, writer, progress, cancel)
        .run();
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
    try (RestorePointLookup lookup =
            new RestorePointLookup(RestorePointReader.open(store, base), usual.bytes());
        DifferenceFinder finder =
            new DifferenceFinder(RestorePointReader.open(store, base), imageBytes, usual.bytes())) {
      new LayerPipeline(
              snapshot, reading, request, Compression.NONE, lookup, finder, progress, cancel)
          .run();
      comparedBytes = finder.readBytes();
      ExtentList differences = finder.differences();
      ClusterSize wanted = request.clusterSize();
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

  private static Manifest.Kind kind(KindChoice choice) {
    return switch (choice) {
      case KindChoice.Full full -> Manifest.Kind.FULL;
      case KindChoice.Incremental incremental -> Manifest.Kind.INCREMENTAL;
      case KindChoice.Rebased rebased -> Manifest.Kind.REBASED;
    };
  }
}
