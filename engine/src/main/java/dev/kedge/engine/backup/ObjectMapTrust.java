package dev.kedge.engine.backup;

import dev.kedge.ceph.Snapshot;
import dev.kedge.repository.Manifest;
import java.util.List;

/**
 * Whether fast-diff can be believed since a restore point. Two things make valid object maps lie,
 * measured with Ceph 16.2.15:
 *
 * <ul>
 *   <li>a rollback gives the image the object map of the snapshot, which knows nothing of what had
 *       been written between that snapshot and ours: such objects are called clean, though they
 *       differ. So there must be no snapshot older than ours, now or since ours was taken.
 *   <li>a snapshot of a time at which the image was smaller makes the diff forget what had been
 *       behind its end: what was cut off is not reported as gone.
 * </ul>
 *
 * The fine diff asks the objects themselves, and is right in both cases. A fast-diff from the
 * oldest snapshot instead, whose walk passes every map in between, was tried and is not enough:
 * HistoryTest (LARGE_OBJECTS, seed 5) found data in a backup that was gone from its snapshot.
 */
final class ObjectMapTrust {
  private final List<Snapshot> snapshots;
  private final Manifest base;

  /** All snapshots that the image has now, and the restore point to compare with. */
  ObjectMapTrust(List<Snapshot> snapshots, Manifest base) {
    this.snapshots = snapshots;
    this.base = base;
  }

  boolean isFounded() {
    return !base.snapshot().othersBefore()
        && snapshots.stream().noneMatch(s -> isOlder(s) || isSmaller(s));
  }

  private boolean isOlder(Snapshot snapshot) {
    return snapshot.id() < base.snapshot().id();
  }

  private boolean isSmaller(Snapshot snapshot) {
    return snapshot.sizeBytes() < base.sizeBytes();
  }
}
