package dev.kedge.openstack.capture;

import dev.kedge.engine.backup.BackupResult;
import dev.kedge.engine.backup.StreamBackup;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.disks.Disk;
import dev.kedge.openstack.disks.DiskSource;
import java.time.Instant;

/** The backup of a volume that is not on Ceph. Not thread-safe; handed from one to another. */
final class CopiedDiskBackup extends DiskBackup {
  private final Volume volume;
  private final StreamBackup prepared;

  CopiedDiskBackup(Volume volume, StreamBackup prepared) {
    super(volume.label());
    this.volume = volume;
    this.prepared = prepared;
  }

  @Override
  boolean isOf(Disk other) {
    return other instanceof Disk.DiskNotOnCeph
        && other.source() instanceof DiskSource.CinderVolume found
        && found.volume().id().equals(volume.id());
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
