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
import dev.kedge.repository.Proof;
import dev.kedge.repository.Repository;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Opens repositories and finds restore points in them, as users name these. */
final class Repositories {
  /** Said behind the name of an encrypted file. */
  static final String ENCRYPTED = " (encrypted: 'kedge decrypt' makes it readable)";

  private static final String LATEST = "latest:";

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

  /** The restore points of {@code rbd:…}, {@code cinder:VOLUME} or {@code nova:SERVER}. */
  static ImageStore image(Repository repository, String image) {
    Optional<ImageIdentity> elsewhere = ImageIdentity.parseElsewhere(image);
    if (elsewhere.isPresent()) {
      return repository.findElsewhere(elsewhere.get());
    }
    RbdLocation location = RbdLocation.parse(image);
    return repository.findImage(location.pool(), location.namespace(), location.image());
  }

  /** The QCOW2 file of a restore point; a user can open it unless it is encrypted. */
  static String file(Repository repository, ImageStore store, Manifest point) {
    return repository.location() + "/" + store.dataName(point);
  }

  /**
   * Since when everything that a restore would read is proven; empty where some of it never was.
   */
  static Optional<Instant> provenAt(ImageStore store, List<Manifest> chain) {
    Instant earliest = Instant.MAX;
    for (Manifest layer : chain) {
      Proof proof = store.proof(layer);
      Instant proven = proof.provenAt();
      if (proven == null || proof.damagedAt() != null) {
        return Optional.empty();
      }
      earliest = proven.isBefore(earliest) ? proven : earliest;
    }
    return Optional.of(earliest);
  }
}
