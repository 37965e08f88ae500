package dev.kedge.engine.backup;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.Progress;
import dev.kedge.engine.SnapshotName;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import java.time.Clock;
import java.util.List;
import java.util.UUID;

/**
 * A restore point from its intent, which is in the image's lease before anything of it exists, to
 * its commit or its end. Not thread-safe.
 */
final class BegunPoint {
  private final ImageStore store;
  private final Lease lease;
  private final Progress progress;
  private final UUID id = UUID.randomUUID();
  private final SnapshotName snapshotName;
  private boolean settled;
  private boolean released;

  /** Begins one: durable when it returns. */
  BegunPoint(ImageStore store, Lease lease, Clock clock, Progress progress) {
    this.store = store;
    this.lease = lease;
    this.progress = progress;
    this.snapshotName = SnapshotName.of(id, clock.instant());
    lease.intend(id, snapshotName.toString());
  }

  UUID id() {
    return id;
  }

  SnapshotName snapshotName() {
    return snapshotName;
  }

  void commit(Manifest manifest) {
    try {
      store.commit(manifest, lease);
    } catch (KedgeException e) {
      // A write that reported a failure may have happened all the same: what counts is what is
      // there.
      if (!isCommitted()) {
        throw e;
      }
    }
    settled = true;
  }

  private boolean isCommitted() {
    PointListing listing = store.points();
    return listing.find(id).isPresent()
        || listing.damaged().stream().anyMatch(damaged -> damaged.point().equals(id));
  }

  /** Removes what there is of it, once, unless it is committed. */
  void giveUp(KedgeException failure, Runnable removeSnapshot) {
    if (settled) {
      return;
    }
    settled = true;
    try {
      if (isCommitted()) {
        return;
      }
      removeSnapshot.run();
      store.discard(id, lease);
      lease.forgetPending(List.of(snapshotName.toString()));
    } catch (RuntimeException e) {
      // The intent stays in the lease: the next run removes what this one could not.
      failure.addSuppressed(e);
      progress.note(
          "could not clean up after the failure; the next backup will: " + e.getMessage());
    }
  }

  /** Gives the image free, once. */
  void release() {
    if (!released) {
      released = true;
      lease.close();
    }
  }
}
