package dev.kedge.repository;

import java.util.UUID;

/**
 * What an image is called, and where. Not what it is: an image that was deleted and made again has
 * the same identity and another RBD id.
 *
 * @param clusterFsid the Ceph cluster
 * @param pool the pool's name
 * @param namespace the RADOS namespace; empty for none
 * @param name the image's name
 */
public record ImageIdentity(String clusterFsid, String pool, String namespace, String name) {
  /**
   * The image's id in every repository: the same wherever and whenever it is computed, so that
   * concurrent first backups agree.
   */
  public UUID imageId() {
    return Uuids.named("kedge image", clusterFsid, pool, namespace, name);
  }

  /** As people write it: {@code rbd:pool/image} or {@code rbd:pool/namespace/image}. */
  @Override
  public String toString() {
    return "rbd:" + pool + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
