package dev.kedge.engine.repair;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.Manifest;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The snapshot that a restore point was read from, in Ceph. For one thread. */
public final class SnapshotContent implements SourceContent {
  private final RbdPool pool;
  private final RbdImage snapshot;

  private SnapshotContent(RbdPool pool, RbdImage snapshot) {
    this.pool = pool;
    this.snapshot = snapshot;
  }

  /** Opens it; empty where Ceph does not have it any more, or has another one of that name. */
  public static Optional<SourceContent> open(CephCluster cluster, Manifest point) {
    ImageIdentity identity = point.image().identity();
    if (!cluster.fsid().equals(identity.clusterFsid())) {
      return Optional.empty();
    }
    RbdPool pool = null;
    RbdImage snapshot = null;
    boolean ours = false;
    try {
      pool = cluster.openPool(identity.pool(), identity.namespace());
      snapshot = pool.openReadOnly(identity.name(), point.snapshot().name());
      ours = snapshot.id().equals(point.image().rbdId()) && isOurs(snapshot, point);
      return ours ? Optional.of(new SnapshotContent(pool, snapshot)) : Optional.empty();
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    } finally {
      if (!ours) {
        close(snapshot);
        close(pool);
      }
    }
  }

  private static void close(@Nullable AutoCloseable resource) {
    if (resource != null) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static boolean isOurs(RbdImage image, Manifest point) {
    return image.snapshots().stream()
        .anyMatch(found ->
            found.name().equals(point.snapshot().name()) && found.id() == point.snapshot().id());
  }

  @Override
  public void read(long offset, MemorySegment into) {
    long inImage = Math.max(0, Math.min(into.byteSize(), snapshot.sizeBytes() - offset));
    into.asSlice(inImage).fill((byte) 0);
    if (inImage > 0) {
      long read = snapshot.read(offset, into.asSlice(0, inImage));
      if (read != inImage) {
        throw new KedgeException(
            ErrorCode.SOURCE_UNREACHABLE,
            snapshot.spec() + " gave " + read + " of " + inImage + " bytes at " + offset);
      }
    }
  }

  @Override
  public void close() {
    try (pool) {
      snapshot.close();
    }
  }
}
