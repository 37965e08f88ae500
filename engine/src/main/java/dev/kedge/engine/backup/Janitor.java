package dev.kedge.engine.backup;

import dev.kedge.base.KedgeException;
import dev.kedge.repository.CleanUp;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Starts each run: removes what earlier runs left when they were killed. That is the snapshots and
 * files of restore points that were begun and never committed, and superseded snapshots of this
 * repository's own restore points. Nothing else is ever deleted.
 */
final class Janitor {
  private final ImageStore store;
  private final Lease lease;
  private final ImageSnapshots snapshots;
  private boolean removedSuperseded;

  Janitor(ImageStore store, Lease lease, ImageSnapshots snapshots) {
    this.store = store;
    this.lease = lease;
    this.snapshots = snapshots;
  }

  /** Cleans up; what it could not remove is retried by the next run, and said here. */
  List<String> run() {
    CleanUp cleanUp = store.cleanUp(lease);
    List<String> notes = new ArrayList<>();
    for (String abandoned : cleanUp.abandonedSnapshots()) {
      try {
        snapshots.remove(abandoned);
        lease.forgetPending(List.of(abandoned));
      } catch (KedgeException e) {
        notes.add(
            "the snapshot "
                + abandoned
                + " of an interrupted backup stays until the next one: "
                + e.getMessage());
      }
    }
    PointListing listing = store.points();
    int before = snapshots.list().size();
    notes.addAll(removeSuperseded(ids(listing), listing.latest()));
    removedSuperseded = snapshots.list().size() < before;
    return notes;
  }

  /** Whether the run found a superseded snapshot, which an interrupted one had left. */
  boolean removedSuperseded() {
    return removedSuperseded;
  }

  /** Removes the snapshots that this restore point supersedes. */
  List<String> removeSuperseded(Manifest newest) {
    try {
      PointListing listing = store.points();
      Set<UUID> points = ids(listing);
      // A restore point whose manifest is damaged could be made good from its snapshot only until
      // there is a newer one.
      listing.damaged().forEach(damaged -> points.add(damaged.point()));
      return removeSuperseded(points, Optional.of(newest));
    } catch (KedgeException e) {
      return List.of("superseded snapshots stay until the next backup: " + e.getMessage());
    }
  }

  private List<String> removeSuperseded(Set<UUID> points, Optional<Manifest> newest) {
    return snapshots.removeSuperseded(points, newest.map(manifest -> manifest.snapshot().name()));
  }

  private static Set<UUID> ids(PointListing listing) {
    return listing.points().stream()
        .map(Manifest::id)
        .collect(Collectors.toCollection(HashSet::new));
  }
}
