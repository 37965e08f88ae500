package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The right to be the one writer of an image, or the one restore of an instance, until it is
 * released, lost, or this process dies. A daemon thread renews it. What the owner is about to
 * create is noted in it first, so that the next owner can clean up exactly that. Thread-safe.
 */
public final class Lease implements AutoCloseable {
  private final ImageFolder folder;
  private final String imageName;
  private final RepositoryContext context;
  private final long token;
  private final LeaseOwner owner;
  private final Instant acquiredAt;

  private final List<PendingPoint> inherited = new ArrayList<>();
  private final List<PendingPoint> intended = new ArrayList<>();
  private long renewals;
  private volatile boolean released;
  private volatile @Nullable String lostBecause;
  private volatile long heldUntilNanos;
  private final LeaseRenewal renewal;

  Lease(ImageFolder folder, String imageName, RepositoryContext context, long token) {
    this.folder = folder;
    this.imageName = imageName;
    this.context = context;
    this.token = token;
    this.owner = context.processes().self();
    this.acquiredAt = context.time().now();
    this.renewal = new LeaseRenewal(this, context.leaseTimes().renewEvery());
  }

  /** Whether this became the lease; false where another has the token or a higher one. */
  synchronized boolean create() {
    long startNanos = context.time().nanoTime();
    if (!folder.target().putIfAbsent(name(), record().toBytes())) {
      return false;
    }
    if (highestToken() > token) {
      // Ours was free because it was long done with and cleaned up: we looked too early.
      folder.target().delete(name());
      return false;
    }
    extendFrom(startNanos);
    if (context.renewInBackground()) {
      renewal.start();
    }
    return true;
  }

  /** Takes over what earlier owners left unfinished. */
  synchronized void inherit(List<PendingPoint> pending) {
    inherited.addAll(pending);
    write();
  }

  /** The fencing token: grows with every lease of the image. */
  public long token() {
    return token;
  }

  /** The image's id. */
  public UUID imageId() {
    return folder.imageId();
  }

  /** What earlier owners meant to create, did not, and nobody has cleaned up yet. */
  public synchronized List<PendingPoint> inherited() {
    return List.copyOf(inherited);
  }

  /** Whether anybody meant to create a restore point, and it is neither there nor forgotten. */
  synchronized boolean isPending(UUID point) {
    return inherited.stream().anyMatch(p -> p.point().equals(point))
        || intended.stream().anyMatch(p -> p.point().equals(point));
  }

  /**
   * Notes that a restore point and its snapshot are about to be created. To be called before either
   * exists; durable when it returns.
   */
  public synchronized void intend(UUID point, String snapshotName) {
    assertHeld();
    intended.add(new PendingPoint(point, snapshotName));
    write();
  }

  /** Notes that nothing is left of the restore points that were read from these snapshots. */
  public synchronized void forgetPending(Collection<String> snapshotNames) {
    assertHeld();
    boolean changed = inherited.removeIf(p -> snapshotNames.contains(p.snapshotName()));
    changed |= intended.removeIf(p -> snapshotNames.contains(p.snapshotName()));
    if (changed) {
      write();
    }
  }

  /** A committed restore point is no longer pending; the next write of the lease says so. */
  synchronized void committed(UUID point) {
    intended.removeIf(p -> p.point().equals(point));
    inherited.removeIf(p -> p.point().equals(point));
  }

  /**
   * Makes the lease hold for its full time again. The daemon thread does that.
   *
   * @throws KedgeException with BUSY where the lease is lost
   */
  public synchronized void renew() {
    if (released) {
      return;
    }
    assertHeld();
    renewals++;
    write();
  }

  private void write() {
    long startNanos = context.time().nanoTime();
    folder.target().replace(name(), record().toBytes());
    confirm();
    extendFrom(startNanos);
  }

  /** Looks whether another writer has taken over. */
  synchronized void confirm() {
    assertHeld();
    long highest = highestToken();
    if (highest > token) {
      lostBecause = "to " + ownerOf(highest);
      assertHeld();
    }
  }

  private String ownerOf(long highest) {
    try {
      return folder
          .readLease(highest)
          .map(lease -> lease.owner() + " (token " + highest + ")")
          .orElse("token " + highest);
    } catch (KedgeException e) {
      return "token " + highest;
    }
  }

  private long highestToken() {
    List<Long> tokens = folder.leaseTokens();
    return tokens.isEmpty() ? 0 : tokens.getLast();
  }

  /**
   * Throws unless the lease is held as far as this process can tell without asking the target.
   *
   * @throws KedgeException with BUSY where it is lost, was released, or could not be renewed in
   *     time
   */
  public void assertHeld() {
    if (released) {
      throw new KedgeException(ErrorCode.BUSY, "The lease of " + imageName + " was released");
    }
    if (lostBecause == null && context.time().nanoTime() - heldUntilNanos > 0) {
      lostBecause = "because it could not renew it in time";
    }
    String because = lostBecause;
    if (because != null) {
      throw new KedgeException(
          ErrorCode.BUSY, "This run lost its lease of " + imageName + " " + because);
    }
  }

  /** Whether there is nothing more to renew. */
  boolean isOver() {
    return lostBecause != null || released;
  }

  private void extendFrom(long startNanos) {
    heldUntilNanos = startNanos + context.leaseTimes().duration().toNanos();
  }

  private String name() {
    return LeaseRecord.name(folder.path(), token);
  }

  private LeaseRecord record() {
    List<PendingPoint> pending = new ArrayList<>(inherited);
    pending.addAll(intended);
    Instant expiresAt = context.time().now().plus(context.leaseTimes().duration());
    return new LeaseRecord(token, owner, acquiredAt, expiresAt, renewals, released, pending);
  }

  /**
   * Gives the image free at once. The lease's object stays, so that tokens keep growing, with what
   * is still pending. Does nothing for a lease that is lost or was released.
   */
  public synchronized void release() {
    renewal.stop();
    if (isOver()) {
      return;
    }
    released = true;
    folder.target().replace(name(), record().toBytes());
  }

  /** Releases. */
  @Override
  public void close() {
    release();
  }
}
