package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.RbdLocation;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;

/** Opens repositories and finds restore points in them, as users name these. */
final class Repositories {
  /** Said behind the name of an encrypted file. */
  static final String ENCRYPTED = " (encrypted: 'kedge decrypt' makes it readable)";

  private static final String LATEST = "latest:";
  private static final String CINDER = "cinder:";

  private Repositories() {}

  /** The repository for a backup of this image, made where the target is empty. */
  static Repository openForBackup(CephCluster cluster, RbdLocation image, BackupTarget target) {
    try (RbdPool pool = cluster.openPool(image.pool(), image.namespace())) {
      pool.openReadOnly(image.image(), null).close();
    }
    return Repository.openOrCreate(target);
  }

  /**
   * The restore point that {@code POINT} or {@code latest:rbd:…} names.
   *
   * @throws KedgeException NOT_FOUND, or USAGE where the name is ambiguous
   */
  static FoundPoint find(Repository repository, String name) {
    if (!name.startsWith(LATEST)) {
      return repository.findPoint(name);
    }
    String image = name.substring(LATEST.length());
    ImageStore store = image(repository, image);
    Manifest latest =
        store
            .latest()
            .orElseThrow(() ->
                new KedgeException(ErrorCode.NOT_FOUND, "there is no restore point of " + image));
    return new FoundPoint(store, latest);
  }

  /** The restore points of {@code rbd:…} or {@code cinder:VOLUME}. */
  static ImageStore image(Repository repository, String image) {
    if (image.startsWith(CINDER)) {
      ImageIdentity volume = ImageIdentity.ofVolume(image.substring(CINDER.length()));
      return repository.findImage(volume.pool(), volume.namespace(), volume.name());
    }
    RbdLocation location = RbdLocation.parse(image);
    return repository.findImage(location.pool(), location.namespace(), location.image());
  }

  /** The QCOW2 file of a restore point; a user can open it unless it is encrypted. */
  static String file(Repository repository, ImageStore store, Manifest point) {
    return repository.location() + "/" + store.dataName(point);
  }
}
