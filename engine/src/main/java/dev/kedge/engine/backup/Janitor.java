package dev.kedge.engine.backup;

import dev.kedge.base.KedgeException;
import dev.kedge.repository.CleanUp;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Starts each run: removes what earlier runs left when they were killed. That is the snapshots and
 * files of restore points that were begun and never committed, and superseded snapshots of this
 * repository's own restore points. Nothing else is ever deleted.
 */
final class Janitor {
  private final ImageStore store;
  private final Lease lease;
  private final ImageSnapshots snapshots;

  Janitor(ImageStore store, Lease lease, ImageSnapshots snapshots) {
    this.store = store;
    this.lease = lease;
    this.snapshots = snapshots;
  }

  /** Cleans up; what it could not remove is retried by the next run, and said here. */
  List<String> run() {
    CleanUp cleanUp = store.cleanUp(lease);
    List<String> notes = new ArrayList<>();
    for (CleanUp.Abandoned abandoned : cleanUp.abandoned()) {
      try {
        snapshots.remove(abandoned.snapshotName());
        lease.forgetPending(abandoned.point());
      } catch (KedgeException e) {
        notes.add(
            "the snapshot "
                + abandoned.snapshotName()
                + " of an interrupted backup stays until the next one: "
                + e.getMessage());
      }
    }
    notes.addAll(removeSuperseded(store.latest()));
    return notes;
  }

  /** Removes the snapshots that this restore point supersedes. */
  List<String> removeSuperseded(Manifest newest) {
    try {
      return removeSuperseded(Optional.of(newest));
    } catch (KedgeException e) {
      return List.of("superseded snapshots stay until the next backup: " + e.getMessage());
    }
  }

  private List<String> removeSuperseded(Optional<Manifest> newest) {
    return snapshots.removeSuperseded(
        store.knownPoints(), newest.map(manifest -> manifest.snapshot().name()));
  }
}
