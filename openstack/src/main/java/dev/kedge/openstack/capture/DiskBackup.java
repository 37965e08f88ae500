package dev.kedge.openstack.capture;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.backup.BackupResult;
import dev.kedge.engine.backup.PreparedBackup;
import dev.kedge.openstack.disks.Disk;
import org.jspecify.annotations.Nullable;

/** The backup of one image among those of a moment. Not thread-safe; handed from one to another. */
final class DiskBackup implements AutoCloseable {
  private final Disk.CephDisk disk;
  private final PreparedBackup prepared;
  private @Nullable BackupResult result;
  private @Nullable KedgeException failure;

  DiskBackup(Disk.CephDisk disk, PreparedBackup prepared) {
    this.disk = disk;
    this.prepared = prepared;
  }

  /** Whether it is of the image that a server has as this disk. */
  boolean isOf(Disk.CephDisk other) {
    return disk.cluster().equals(other.cluster()) && disk.location().equals(other.location());
  }

  void takeSnapshot() {
    prepared.takeSnapshot();
  }

  /** Moves the data, gives the image free, and remembers how it went. */
  void complete() {
    try (prepared) {
      result = prepared.complete();
    } catch (KedgeException e) {
      failure = e;
    } catch (RuntimeException e) {
      failure = new KedgeException(ErrorCode.FAILED, prepared.image() + ": " + e, e);
    }
  }

  /** The result; throws what made it fail. */
  BackupResult result() {
    BackupResult done = result;
    if (done == null) {
      throw failure == null
          ? new KedgeException(ErrorCode.INTERRUPTED, prepared.image() + " was not backed up")
          : failure;
    }
    return done;
  }

  /** Gives up what was not completed. */
  @Override
  public void close() {
    prepared.close();
  }
}
