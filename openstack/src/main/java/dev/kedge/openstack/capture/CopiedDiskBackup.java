package dev.kedge.openstack.capture;

import dev.kedge.engine.backup.BackupResult;
import dev.kedge.engine.backup.StreamBackup;
import dev.kedge.openstack.copy.Copies;
import dev.kedge.openstack.disks.Disk;
import dev.kedge.repository.ImageIdentity;
import java.time.Instant;

/** The backup of a disk that is not on Ceph. Not thread-safe; handed from one to another. */
final class CopiedDiskBackup extends DiskBackup {
  private final ImageIdentity identity;
  private final StreamBackup prepared;

  CopiedDiskBackup(String label, ImageIdentity identity, StreamBackup prepared) {
    super(label);
    this.identity = identity;
    this.prepared = prepared;
  }

  @Override
  boolean isOf(Disk other) {
    return other instanceof Disk.DiskNotOnCeph
        && Copies.identity(other.source()).filter(identity::equals).isPresent();
  }

  /** Whether Nova makes an image of it, and not Cinder a snapshot. */
  boolean isRootDisk() {
    return identity.isRootDisk();
  }

  /** Takes the snapshot; remembers where that failed. */
  void takeSnapshot() {
    try {
      prepared.takeSnapshot();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  /** When the snapshot was taken; only of one that has a result. */
  Instant takenAt() {
    return prepared.takenAt();
  }

  @Override
  BackupResult move() {
    try (prepared) {
      return prepared.complete();
    }
  }

  @Override
  public void close() {
    prepared.close();
  }
}
