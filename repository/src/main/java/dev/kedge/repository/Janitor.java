package dev.kedge.repository;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Removes what killed runs left in an image's folder, under the lease, and nothing else. Each step
 * can be repeated, so it can be killed anywhere. To be used by one thread.
 *
 * <p>Ages are by the target's clock alone: an object's time against that of our lease, which was
 * written a moment ago. So neither a wrong clock here nor one there makes a young object old.
 */
final class Janitor {
  /** Longer than a person needs to copy a chain in, data before manifests. */
  private static final Duration ORPHAN_AGE = Duration.ofHours(24);

  /** Longer than a stale writer could sleep and still believe in its lease. */
  private static final Duration TOMBSTONE_AGE = Duration.ofDays(7);

  private final ImageFolder folder;
  private final Lease lease;
  private final List<String> removed = new ArrayList<>();

  Janitor(ImageFolder folder, Lease lease) {
    this.folder = folder;
    this.lease = lease;
  }

  CleanUp cleanUp() {
    lease.renew();
    // First: what it names would look like an orphan.
    new MergeRecovery(folder, lease).recover().ifPresent(removed::add);
    List<StoredObject> objects = folder.list();
    List<String> abandoned = removePending();
    Instant now = targetTime(objects);
    removeOrphans(objects, now.minus(ORPHAN_AGE));
    removeTombstones(objects, now.minus(TOMBSTONE_AGE));
    removeOldLeases();
    removed.addAll(folder.target().sweep(folder.path(), now.minus(ORPHAN_AGE)));
    return new CleanUp(removed, abandoned);
  }

  private Instant targetTime(List<StoredObject> objects) {
    String ours = LeaseRecord.name(folder.path(), lease.token());
    return objects.stream()
        .filter(o -> o.name().equals(ours))
        .map(StoredObject::modifiedAt)
        .findFirst()
        .orElse(Instant.EPOCH);
  }

  private List<String> removePending() {
    List<String> abandoned = new ArrayList<>();
    for (PendingPoint pending : lease.inherited()) {
      if (folder.hasManifest(pending.point())) {
        continue;
      }
      folder.payload(pending.point()).forEach(this::removeIfThere);
      // Its writer is dead or fenced off, whatever the age of what it was sending.
      removed.addAll(folder.target().sweep(folder.name(pending.point().toString()), Instant.MAX));
      if (pending.isCopy()) {
        lease.forgetCopy(pending.point());
      } else {
        abandoned.add(pending.snapshotName());
      }
    }
    return abandoned;
  }

  private void removeOrphans(List<StoredObject> objects, Instant before) {
    for (StoredObject object : objects) {
      UUID point = PointNames.ofPayload(object.baseName());
      if (point != null
          && object.modifiedAt().isBefore(before)
          && !lease.isPending(point)
          && !folder.hasManifest(point)) {
        removeIfThere(object.name());
      }
    }
  }

  private void removeTombstones(List<StoredObject> objects, Instant before) {
    for (StoredObject object : objects) {
      UUID point = PointNames.ofManifest(object.baseName());
      if (point != null
          && object.modifiedAt().isBefore(before)
          && !lease.isPending(point)
          && folder.read(point).filter(o -> o instanceof PointObject.Aborted).isPresent()) {
        removeIfThere(object.name());
      }
    }
  }

  /** Those that stale owners wrote once more; what they held is in ours since it was acquired. */
  private void removeOldLeases() {
    for (long token : folder.leaseTokens()) {
      if (token < lease.token()) {
        removeIfThere(LeaseRecord.name(folder.path(), token));
      }
    }
  }

  private void removeIfThere(String name) {
    if (folder.target().exists(name)) {
      lease.confirm();
      folder.target().delete(name);
      removed.add(name);
    }
  }
}
