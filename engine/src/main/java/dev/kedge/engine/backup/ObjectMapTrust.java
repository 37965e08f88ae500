package dev.kedge.engine.backup;

import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.Snapshot;
import dev.kedge.repository.Manifest;
import java.util.List;
import java.util.Optional;

/**
 * From which snapshot on fast-diff can be believed. Two things make valid object maps lie, measured
 * with Ceph 16.2.15:
 *
 * <ul>
 *   <li>a rollback gives the image the object map of the snapshot, which knows nothing of what had
 *       been written between that snapshot and ours: such objects are called clean, though they
 *       differ. While every older snapshot is still there, a fast-diff from the oldest of them
 *       names these objects, too: it walks the maps of all snapshots in between. Once one is gone,
 *       nothing does.
 *   <li>a snapshot of a time at which the image was smaller makes the diff forget what had been
 *       behind its end: what was cut off is not reported as gone.
 * </ul>
 *
 * The fine diff asks the objects themselves, and is right in both cases.
 */
final class ObjectMapTrust {
  private final RbdImage image;
  private final Manifest base;

  /** The image opened at its new snapshot, and the restore point to compare with. */
  ObjectMapTrust(RbdImage image, Manifest base) {
    this.image = image;
    this.base = base;
  }

  /** The snapshot to ask fast-diff from; empty where every object has to be asked. */
  Optional<String> fastDiffFrom() {
    List<Snapshot> all = image.allSnapshots();
    if (all.stream().anyMatch(snapshot -> snapshot.sizeBytes() < base.sizeBytes())) {
      return Optional.empty();
    }
    List<Snapshot> older =
        all.stream().filter(snapshot -> snapshot.id() < base.snapshot().id()).toList();
    // No older one can have come since, so as many as then are the same as then.
    if (older.size() != base.snapshot().othersBefore()) {
      return Optional.empty();
    }
    if (older.isEmpty()) {
      return Optional.of(base.snapshot().name());
    }
    // Only a user's snapshot can be named to a diff.
    return image.snapshots().stream()
        .filter(snapshot -> snapshot.id() == older.getFirst().id())
        .map(Snapshot::name)
        .findFirst();
  }
}
