package dev.kedge.engine.verify;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.restore.Restore;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;

/** Compares a restore point with the snapshot that it was read from, as long as Ceph has it. */
final class SourceComparison {
  private SourceComparison() {}

  /**
   * Compares byte by byte.
   *
   * @throws KedgeException NOT_FOUND where the snapshot is gone, VERIFICATION_FAILED at the first
   *     difference
   */
  static void compare(
      CephCluster cluster,
      ImageStore store,
      Manifest point,
      int workers,
      Progress progress,
      CancelToken cancel) {
    ImageIdentity identity = point.image().identity();
    if (!cluster.fsid().equals(identity.clusterFsid())) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND,
          identity
              + " is an image of Ceph cluster "
              + identity.clusterFsid()
              + ", not of this one");
    }
    try (RbdPool pool = cluster.openPool(identity.pool(), identity.namespace());
        RbdImage snapshot = pool.openReadOnly(identity.name(), point.snapshot().name())) {
      new Restore(store, point.id(), workers, progress, cancel).compareWith(snapshot);
    }
  }
}
