package dev.kedge.openstack.capture;

import dev.kedge.engine.backup.BackupResult;
import dev.kedge.openstack.disks.Disk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The backups of all disks of a moment. For one thread, but for what it does in parallel itself.
 */
final class DiskBackups implements AutoCloseable {
  /** Cinder and Nova work on so many snapshots at a time. */
  private static final int PARALLEL_SNAPSHOTS = 8;

  private final List<RbdDiskBackup> onCeph = new ArrayList<>();
  private final List<CopiedDiskBackup> copied = new ArrayList<>();
  private final Consumer<String> notes;

  /** None yet; {@code notes} is told what could not be cleaned up. */
  DiskBackups(Consumer<String> notes) {
    this.notes = notes;
  }

  void add(RbdDiskBackup disk) {
    onCeph.add(disk);
  }

  void add(CopiedDiskBackup disk) {
    copied.add(disk);
  }

  /** Those whose snapshots are taken at one moment. */
  List<RbdDiskBackup> onCeph() {
    return onCeph;
  }

  /** Those that Cinder and Nova snapshot, which takes its time. */
  List<CopiedDiskBackup> copied() {
    return copied;
  }

  /** Cinder's come first: it needs Nova for some of them, which does one thing at a time. */
  void takeSlowSnapshots() {
    takeSnapshots(disk -> !disk.isRootDisk());
    takeSnapshots(CopiedDiskBackup::isRootDisk);
  }

  private void takeSnapshots(Predicate<CopiedDiskBackup> which) {
    inParallel(
        PARALLEL_SNAPSHOTS,
        copied.stream().filter(which).map(disk -> (Runnable) disk::takeSnapshot).toList());
  }

  void moveData(int parallel) {
    inParallel(parallel, all().stream().map(disk -> (Runnable) disk::complete).toList());
  }

  private static void inParallel(int most, List<Runnable> work) {
    try (ExecutorService threads = Executors.newFixedThreadPool(Math.clamp(work.size(), 1, most))) {
      work.forEach(threads::execute);
    }
  }

  /** What a server's disk came to; empty for one that was left out. */
  Optional<BackupResult> resultOf(Disk disk) {
    return all().stream().filter(backup -> backup.isOf(disk)).findFirst().map(DiskBackup::result);
  }

  private List<DiskBackup> all() {
    List<DiskBackup> all = new ArrayList<>(onCeph);
    all.addAll(copied);
    return all;
  }

  /** Nothing of one may keep the others from being closed. */
  @Override
  public void close() {
    for (DiskBackup disk : all()) {
      try {
        disk.close();
      } catch (RuntimeException e) {
        notes.accept("the next backup cleans up: " + e.getMessage());
      }
    }
  }
}
