package dev.kedge.repository;

import java.util.Optional;
import java.util.UUID;

/**
 * What an image is called, and where. Not what it is: an image that was deleted and made again has
 * the same identity and another RBD id.
 *
 * @param clusterFsid the Ceph cluster; for a disk that is not on Ceph {@value #CINDER} or {@value
 *     #NOVA}
 * @param pool the pool's name; for a disk that is not on Ceph as {@code clusterFsid}
 * @param namespace the RADOS namespace; empty for none
 * @param name the image's name
 */
public record ImageIdentity(String clusterFsid, String pool, String namespace, String name) {
  private static final String CINDER = "cinder";
  private static final String NOVA = "nova";

  /**
   * A volume that is not on Ceph, by Cinder's id. Nothing of the cloud is in it, so that all its
   * users mean the same by it.
   */
  public static ImageIdentity ofVolume(String volumeId) {
    return new ImageIdentity(CINDER, CINDER, "", volumeId);
  }

  /** The root disk of a server, where Nova keeps it elsewhere, by the server's id. */
  public static ImageIdentity ofRootDisk(String serverId) {
    return new ImageIdentity(NOVA, NOVA, "", serverId);
  }

  /** A disk that is not on Ceph, as {@link #toString} writes it; empty where it is not one. */
  public static Optional<ImageIdentity> parseElsewhere(String text) {
    if (text.startsWith(CINDER + ":")) {
      return Optional.of(ofVolume(text.substring(CINDER.length() + 1)));
    }
    return text.startsWith(NOVA + ":")
        ? Optional.of(ofRootDisk(text.substring(NOVA.length() + 1)))
        : Optional.empty();
  }

  /** Whether it is an RBD image. */
  public boolean isOnCeph() {
    return !clusterFsid.equals(CINDER) && !isRootDisk();
  }

  /** Whether it is a disk of Nova's that is not on Ceph. */
  public boolean isRootDisk() {
    return clusterFsid.equals(NOVA);
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
   * cinder:<volume id>} for a volume that is not on Ceph, {@code nova:<server id>} for such a root
   * disk.
   */
  @Override
  public String toString() {
    if (!isOnCeph()) {
      return clusterFsid + ":" + name;
    }
    return "rbd:" + pool + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
