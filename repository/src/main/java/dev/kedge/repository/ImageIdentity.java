package dev.kedge.repository;

import java.util.UUID;

/**
 * What an image is called, and where. Not what it is: an image that was deleted and made again has
 * the same identity and another RBD id.
 *
 * @param clusterFsid the Ceph cluster; for a disk that is not on Ceph {@value #CINDER}
 * @param pool the pool's name; for a disk that is not on Ceph {@value #CINDER}
 * @param namespace the RADOS namespace; empty for none
 * @param name the image's name
 */
public record ImageIdentity(String clusterFsid, String pool, String namespace, String name) {
  private static final String CINDER = "cinder";

  /**
   * A volume that is not on Ceph, by Cinder's id. Nothing of the cloud is in it, so that all its
   * users mean the same by it.
   */
  public static ImageIdentity ofVolume(String volumeId) {
    return new ImageIdentity(CINDER, CINDER, "", volumeId);
  }

  /** Whether it is an RBD image. */
  public boolean isOnCeph() {
    return !clusterFsid.equals(CINDER);
  }

  /**
   * The image's id in every repository: the same wherever and whenever it is computed, so that
   * concurrent first backups agree.
   */
  public UUID imageId() {
    return Uuids.named("kedge image", clusterFsid, pool, namespace, name);
  }

  /**
   * As people write it: {@code rbd:pool/image} or {@code rbd:pool/namespace/image}; {@code
   * cinder:<volume id>} for a volume that is not on Ceph.
   */
  @Override
  public String toString() {
    if (!isOnCeph()) {
      return CINDER + ":" + name;
    }
    return "rbd:" + pool + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
