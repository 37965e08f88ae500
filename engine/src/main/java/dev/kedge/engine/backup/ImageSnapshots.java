package dev.kedge.engine.backup;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
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

  List<Snapshot> list() {
    try (RbdImage handle = pool.openReadOnly(image, null)) {
      return handle.snapshots();
    }
  }

  Optional<Snapshot> find(String name) {
    return list().stream().filter(snapshot -> snapshot.name().equals(name)).findFirst();
  }

  /** Removes a snapshot; does nothing where it is gone already. */
  void remove(String name) {
    if (find(name).isEmpty()) {
      return;
    }
    try (RbdImage handle = pool.open(image)) {
      handle.removeSnapshot(name);
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
    }
  }

  /**
   * Removes every snapshot that was taken for one of these restore points, except the kept one.
   * Snapshots of other points are other people's, whatever their names look like.
   *
   * @return what could not be removed, a line each
   */
  List<String> removeSuperseded(Set<UUID> points, Optional<String> kept) {
    List<String> notes = new ArrayList<>();
    for (Snapshot snapshot : list()) {
      Optional<SnapshotName> name = SnapshotName.parse(snapshot.name());
      if (name.isEmpty()
          || !points.contains(name.get().point())
          || kept.equals(Optional.of(snapshot.name()))) {
        continue;
      }
      try {
        remove(snapshot.name());
      } catch (KedgeException e) {
        notes.add(
            "the superseded snapshot "
                + snapshot.name()
                + " stays until the next backup: "
                + e.getMessage());
      }
    }
    return notes;
  }
}
