package dev.kedge.engine.backup;

import dev.kedge.base.KedgeException;
import dev.kedge.ceph.Snapshot;
import dev.kedge.engine.SnapshotName;
import dev.kedge.repository.CleanUp;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
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
  private final Clock clock;
  private final Set<UUID> abandonedPoints = new HashSet<>();
  private PointListing listing = new PointListing(List.of(), List.of());
  private boolean removedSuperseded;

  Janitor(ImageStore store, Lease lease, ImageSnapshots snapshots, Clock clock) {
    this.store = store;
    this.lease = lease;
    this.snapshots = snapshots;
    this.clock = clock;
  }

  /**
   * Cleans up; what it could not remove is retried by the next run, and said here.
   *
   * @param present the image's snapshots
   */
  List<String> run(List<Snapshot> present) {
    return run(present, _ -> {});
  }

  /**
   * The same.
   *
   * @param gate sees the restore points before any snapshot is removed, and throws where it is not
   *     the image's business: then what is pending stays so
   */
  List<String> run(List<Snapshot> present, Consumer<PointListing> gate) {
    CleanUp cleanUp = store.cleanUp(lease);
    listing = store.points();
    gate.accept(listing);
    List<String> notes = new ArrayList<>();
    for (String abandoned : cleanUp.abandonedSnapshots()) {
      Optional<SnapshotName> name = SnapshotName.parse(abandoned);
      name.map(SnapshotName::point).ifPresent(abandonedPoints::add);
      try {
        boolean removed = snapshots.remove(abandoned);
        if (removed || !name.map(n -> n.mayStillCome(clock.instant())).orElse(false)) {
          lease.forgetPending(List.of(abandoned));
        }
      } catch (KedgeException e) {
        notes.add(
            "the snapshot "
                + abandoned
                + " of an interrupted backup stays until the next one: "
                + e.getMessage());
      }
    }
    ImageSnapshots.Removal removal =
        snapshots.removeSuperseded(present, ids(listing), nameOf(listing.latest()));
    notes.addAll(removal.notes());
    removedSuperseded = removal.removed() > 0;
    return notes;
  }

  /** The restore points as the run found them; under the lease nobody else adds any. */
  PointListing listing() {
    return listing;
  }

  /** Whether the run found a superseded snapshot, which an interrupted one had left. */
  boolean removedSuperseded() {
    return removedSuperseded;
  }

  /** Removes the snapshots that this restore point supersedes. */
  List<String> removeSuperseded(Manifest newest) {
    try {
      Set<UUID> points = ids(listing);
      // A killed run's request may have been served only after this one had looked.
      points.addAll(abandonedPoints);
      // A restore point whose manifest is damaged could be made good from its snapshot only until
      // there is a newer one. Where it may be a copy, the snapshot may be another repository's.
      if (!store.mayHoldCopies()) {
        listing.damaged().forEach(damaged -> points.add(damaged.point()));
      }
      return snapshots
          .removeSuperseded(snapshots.look().snapshots(), points, nameOf(Optional.of(newest)))
          .notes();
    } catch (KedgeException e) {
      return List.of("superseded snapshots stay until the next backup: " + e.getMessage());
    }
  }

  private static Optional<String> nameOf(Optional<Manifest> newest) {
    return newest.map(manifest -> manifest.snapshot().name());
  }

  /** Those whose snapshots are this repository's. */
  private static Set<UUID> ids(PointListing listing) {
    return listing.layers().stream()
        .filter(point -> point.snapshot().isOurs())
        .map(Manifest::id)
        .collect(Collectors.toCollection(HashSet::new));
  }
}
