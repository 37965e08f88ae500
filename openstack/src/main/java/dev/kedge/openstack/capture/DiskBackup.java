package dev.kedge.openstack.capture;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.backup.BackupResult;
import dev.kedge.openstack.disks.Disk;
import org.jspecify.annotations.Nullable;

/**
 * The backup of one disk among those of a moment. A failure is kept until somebody asks for the
 * result. Not thread-safe; handed from one to another.
 */
abstract class DiskBackup implements AutoCloseable {
  private final String label;
  private @Nullable BackupResult result;
  private @Nullable KedgeException failure;

  DiskBackup(String label) {
    this.label = label;
  }

  /** For messages. */
  String label() {
    return label;
  }

  /** Whether it is of what a server has as this disk. */
  abstract boolean isOf(Disk other);

  /** Moves the data, and gives the disk free. */
  abstract BackupResult move();

  /** Moves the data and remembers how it went; does nothing where something failed before. */
  void complete() {
    if (failure != null) {
      return;
    }
    try {
      result = move();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  /** Remembers a failure. */
  void failed(RuntimeException e) {
    failure =
        e instanceof KedgeException known
            ? known
            : new KedgeException(ErrorCode.FAILED, label + ": " + e, e);
  }

  /** The result; throws what made it fail. */
  BackupResult result() {
    BackupResult done = result;
    if (done == null) {
      throw failure == null
          ? new KedgeException(ErrorCode.INTERRUPTED, label + " was not backed up")
          : failure;
    }
    return done;
  }

  /** Gives up what was not completed. */
  @Override
  public abstract void close();
}
