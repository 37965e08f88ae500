package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes this process the one writer of an image, if it can be.
 *
 * <p>Owning is creating the object of the next token, which one contender can. What makes it safe
 * is the order afterwards: first our lease is there, then the older ones are read. An older owner
 * writes its intent first and looks for a higher token after. So either it sees us and stops, or we
 * see its intent and put a tombstone where its manifest would go. To be used by one thread.
 */
final class LeaseAcquisition {
  private static final int ATTEMPTS = 10;

  private final ImageFolder folder;
  private final String imageName;
  private final RepositoryContext context;

  LeaseAcquisition(ImageFolder folder, String imageName, RepositoryContext context) {
    this.folder = folder;
    this.imageName = imageName;
    this.context = context;
  }

  Lease acquire() {
    for (int i = 0; i < ATTEMPTS; i++) {
      Optional<Lease> lease = tryNext();
      if (lease.isPresent()) {
        return inheriting(lease.get());
      }
    }
    throw new KedgeException(
        ErrorCode.BUSY, "Too many others want " + imageName + " now: try again later");
  }

  private Lease inheriting(Lease lease) {
    try {
      inherit(lease);
      return lease;
    } catch (RuntimeException e) {
      releaseAfter(lease, e);
      throw e;
    }
  }

  /** What older leases left is still in them, for the next owner. */
  private static void releaseAfter(Lease lease, RuntimeException failure) {
    try {
      lease.release();
    } catch (KedgeException e) {
      failure.addSuppressed(e);
    }
  }

  private Optional<Lease> tryNext() {
    List<LeaseRecord> leases = folder.leases();
    long highest = 0;
    if (!leases.isEmpty()) {
      LeaseRecord last = leases.getLast();
      awaitFree(last);
      highest = last.token();
    }
    Lease lease = new Lease(folder, imageName, context, highest + 1);
    return lease.create() ? Optional.of(lease) : Optional.empty();
  }

  private void awaitFree(LeaseRecord last) {
    if (last.released() || context.processes().isGone(last.owner())) {
      return;
    }
    if (context.time().now().isBefore(last.expiresAt())) {
      throw busy(last);
    }
    context.time().sleep(context.leaseTimes().unchangedFor());
    List<Long> tokens = folder.leaseTokens();
    Optional<LeaseRecord> again = folder.readLease(last.token());
    if (tokens.isEmpty() || tokens.getLast() != last.token() || !again.equals(Optional.of(last))) {
      throw busy(again.orElse(last));
    }
  }

  private KedgeException busy(LeaseRecord lease) {
    return new KedgeException(
        ErrorCode.BUSY,
        "%s is in use by %s since %s; that lease holds until %s unless renewed"
            .formatted(imageName, lease.owner(), lease.acquiredAt(), lease.expiresAt()));
  }

  /** Takes over what older leases left; ends with it all in ours. */
  private void inherit(Lease lease) {
    Set<PendingPoint> inherited = new LinkedHashSet<>();
    for (LeaseRecord older : folder.leases()) {
      if (older.token() >= lease.token()) {
        continue;
      }
      if (!older.released() && !context.processes().isGone(older.owner())) {
        bury(older, lease.token());
      }
      inherited.addAll(older.pending());
    }
    List<PendingPoint> open = new ArrayList<>(inherited);
    open.removeIf(pending -> folder.hasManifest(pending.point()));
    lease.inherit(open);
    removeOlder(lease.token());
  }

  /** What they held is in ours now; left there, it would be inherited once more. */
  private void removeOlder(long token) {
    for (long older : folder.leaseTokens()) {
      if (older < token) {
        folder.target().delete(LeaseRecord.name(folder.path(), older));
      }
    }
  }

  /** Whoever comes first has it: the stale writer its manifest, or we the tombstone. */
  private void bury(LeaseRecord stale, long token) {
    for (PendingPoint pending : stale.pending()) {
      Tombstone tombstone = new Tombstone(pending.point(), token, context.time().now());
      folder
          .target()
          .putIfAbsent(folder.name(PointNames.manifest(pending.point())), tombstone.toBytes());
    }
  }
}
