package dev.kedge.openstack.restore;

import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.RbdLocation;

/**
 * The size of an image to OpenStack, which the engine's restores change to that of the restore
 * point. One thread.
 */
record ImageSize(CephCluster cluster, RbdLocation location) {
  long bytes() {
    try (RbdPool pool = cluster.openPool(location.pool(), location.namespace());
        RbdImage image = pool.openReadOnly(location.image(), null)) {
      return image.sizeBytes();
    }
  }

  /** Never shrinks. */
  void growTo(long sizeBytes) {
    if (bytes() < sizeBytes) {
      try (RbdPool pool = cluster.openPool(location.pool(), location.namespace());
          RbdImage image = pool.open(location.image())) {
        image.resize(sizeBytes);
      }
    }
  }
}
