package dev.kedge.engine.backup;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.engine.IncompleteRestore;
import dev.kedge.engine.SnapshotName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The snapshots of one image, as far as Kedge touches them. Each change opens the image for writing
 * and closes it at once: whoever is killed while it is open leaves a watch, and perhaps the
 * exclusive lock, behind for half a minute.
 */
final class ImageSnapshots {
  private final RbdPool pool;
  private final String image;

  ImageSnapshots(RbdPool pool, String image) {
    this.pool = pool;
    this.image = image;
  }

  void create(SnapshotName name) {
    try (RbdImage handle = pool.open(image)) {
      handle.createSnapshot(name.toString());
    }
  }

  /**
   * The image as a backup finds it.
   *
   * @param id its RBD id, which another image of the same name does not have
   * @param snapshots those of users, oldest first
   * @param incompleteRestore the restore point that an interrupted restore was writing onto it
   */
  record State(String id, List<Snapshot> snapshots, Optional<String> incompleteRestore) {
    Optional<Snapshot> find(String name) {
      return snapshots.stream().filter(snapshot -> snapshot.name().equals(name)).findFirst();
    }
  }

  State look() {
    try (RbdImage handle = pool.openReadOnly(image, null)) {
      return new State(handle.id(), handle.snapshots(), IncompleteRestore.of(handle));
    }
  }

  /** Removes a snapshot; false where it is not there. */
  boolean remove(String name) {
    try (RbdImage handle = pool.open(image)) {
      handle.removeSnapshot(name);
      return true;
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      return false;
    }
  }

  /**
   * Removes every snapshot that was taken for one of these restore points, except the kept one.
   * Snapshots of other points are other people's, whatever their names look like.
   *
   * @return what was removed, and what could not be
   */
  Removal removeSuperseded(List<Snapshot> present, Set<UUID> points, Optional<String> kept) {
    List<String> notes = new ArrayList<>();
    int removed = 0;
    for (Snapshot snapshot : present) {
      Optional<SnapshotName> name = SnapshotName.parse(snapshot.name());
      if (name.isEmpty()
          || !points.contains(name.get().point())
          || kept.equals(Optional.of(snapshot.name()))) {
        continue;
      }
      try {
        remove(snapshot.name());
        removed++;
      } catch (KedgeException e) {
        notes.add(
            "the superseded snapshot "
                + snapshot.name()
                + " stays until the next backup: "
                + e.getMessage());
      }
    }
    return new Removal(removed, notes);
  }

  /**
   * What came of a removal.
   *
   * @param removed how many snapshots are gone
   * @param notes what could not be removed, a line each
   */
  record Removal(int removed, List<String> notes) {}
}
