package dev.kedge.engine.backup;

import dev.kedge.ceph.ParentImage;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.plan.ChangeDetector;
import dev.kedge.engine.plan.ClusterSizeChoice;
import dev.kedge.engine.plan.CrossCheck;
import dev.kedge.engine.plan.ExtentList;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.repository.Manifest;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks Ceph what to read, and does not take its word where there is a reason to doubt it: then the
 * whole image is read and compared instead.
 */
final class BackupPlanner {
  private static final int SECTOR_BYTES = 512;

  private final RbdPool pool;
  private final String image;
  private final @Nullable ClusterSize wanted;
  private final RandomGenerator random;

  BackupPlanner(RbdPool pool, String image, @Nullable ClusterSize wanted, RandomGenerator random) {
    this.pool = pool;
    this.image = image;
    this.wanted = wanted;
    this.random = random;
  }

  /** The plan for the image opened at its new snapshot. */
  BackupPlan plan(RbdImage snapshot, KindChoice choice) {
    ChangeDetector detector = new ChangeDetector(snapshot);
    if (choice instanceof KindChoice.Incremental incremental) {
      return increment(snapshot, detector, incremental);
    }
    return everything(snapshot, detector, choice);
  }

  private BackupPlan increment(
      RbdImage snapshot, ChangeDetector detector, KindChoice.Incremental choice) {
    Optional<String> doubt = doubtBeforehand(snapshot, choice.base());
    if (doubt.isPresent()) {
      return everything(snapshot, detector, choice.rebased(doubt.get()));
    }
    boolean twoPhase =
        !choice.olderRemoved()
            && new ObjectMapTrust(snapshot.allSnapshots(), choice.base()).isFounded();
    ExtentList changed = detector.changedSince(choice.fromSnapshot(), twoPhase);
    coverCutSector(changed, snapshot.sizeBytes(), choice.base().sizeBytes());
    try (RbdImage parent = pool.openReadOnly(image, choice.fromSnapshot())) {
      doubt =
          new CrossCheck(snapshot, random)
              .doubtsChanges(parent, choice.fromSnapshot(), detector, changed);
    }
    if (doubt.isPresent()) {
      return everything(snapshot, detector, choice.rebased(doubt.get()));
    }
    ClusterSize size =
        wanted != null
            ? wanted
            : ClusterSizeChoice.forChanges(
                changed, snapshot.sizeBytes(), snapshot.objectSizeBytes());
    return new BackupPlan(choice, changed, size);
  }

  // QCOW2 counts in sectors: what the parent holds behind an odd end, in the same sector, would
  // show there, and come back when the image grows.
  private static void coverCutSector(ExtentList changed, long sizeBytes, long baseBytes) {
    long cut = sizeBytes % SECTOR_BYTES;
    if (cut != 0 && sizeBytes < baseBytes) {
      changed.add(sizeBytes - cut, cut, false);
      changed.normalise();
    }
  }

  // A diff looks at the objects of the image itself. What a clone reads from its parent changes
  // without them: by flattening, and by shrinking, which lowers the overlap for good.
  private static Optional<String> doubtBeforehand(RbdImage snapshot, Manifest base) {
    ParentImage parentNow = snapshot.parent().orElse(null);
    if (!Objects.equals(ImageDescription.cloneParent(parentNow), base.image().parent())) {
      return Optional.of("what the clone reads from its parent has changed since");
    }
    return Optional.empty();
  }

  private BackupPlan everything(RbdImage snapshot, ChangeDetector detector, KindChoice choice) {
    ExtentList allocated = detector.allocated();
    if (new CrossCheck(snapshot, random).doubtsHoles(allocated).isPresent()) {
      allocated = new ExtentList();
      allocated.add(0, snapshot.sizeBytes(), false);
    }
    ClusterSize size = wanted != null ? wanted : ClusterSizeChoice.forImage(snapshot.sizeBytes());
    return new BackupPlan(choice, allocated, size);
  }
}
