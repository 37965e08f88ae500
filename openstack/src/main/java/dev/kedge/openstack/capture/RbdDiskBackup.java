package dev.kedge.openstack.capture;

import dev.kedge.engine.backup.BackupResult;
import dev.kedge.engine.backup.PreparedBackup;
import dev.kedge.openstack.disks.Disk;

/** The backup of an RBD image. Not thread-safe; handed from one to another. */
final class RbdDiskBackup extends DiskBackup {
  private final Disk.CephDisk disk;
  private final PreparedBackup prepared;

  RbdDiskBackup(Disk.CephDisk disk, PreparedBackup prepared) {
    super(prepared.image().toString());
    this.disk = disk;
    this.prepared = prepared;
  }

  @Override
  boolean isOf(Disk other) {
    return other instanceof Disk.CephDisk onCeph
        && disk.cluster().equals(onCeph.cluster())
        && disk.location().equals(onCeph.location());
  }

  void takeSnapshot() {
    prepared.takeSnapshot();
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
