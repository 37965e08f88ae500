package dev.kedge.engine.backup;

import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.repository.Repository;
import java.time.Clock;
import java.util.random.RandomGenerator;

/**
 * One backup of one image. The order keeps every promise: lease, janitor, intent, new snapshot,
 * data, checksums, manifest, and only then the old snapshot goes. Killed at any step it leaves the
 * old state or the new one, and what the next run cleans up. One use, one thread.
 */
public final class Backup {
  private final CephCluster cluster;
  private final Repository repository;
  private final BackupRequest request;
  private final Clock clock;
  private final RandomGenerator random;
  private final Progress progress;
  private final CancelToken cancel;

  /** A backup into the repository; {@code random} picks what the cross-check looks at. */
  public Backup(
      CephCluster cluster,
      Repository repository,
      BackupRequest request,
      Clock clock,
      RandomGenerator random,
      Progress progress,
      CancelToken cancel) {
    this.cluster = cluster;
    this.repository = repository;
    this.request = request;
    this.clock = clock;
    this.random = random;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Runs the backup.
   *
   * @return the committed restore point
   * @throws dev.kedge.base.KedgeException where there is none; the image then has the snapshots
   *     that it had before, or the next run sees to it
   */
  public BackupResult run() {
    try (PreparedBackup prepared = prepare()) {
      prepared.takeSnapshot();
      return prepared.complete();
    }
  }

  /**
   * Does all that comes before the snapshot: so the snapshots of several images can be taken at one
   * moment, with little between them. The image stays this backup's until what this returns is
   * closed.
   */
  public PreparedBackup prepare() {
    RbdLocation location = request.image();
    RbdPool pool = cluster.openPool(location.pool(), location.namespace());
    try {
      Series series = new Series(cluster, repository, location, request.movedFrom(), clock);
      return PreparedBackup.begin(
          pool, series, repository.location(), request, clock, random, progress, cancel);
    } catch (Throwable e) {
      pool.close();
      throw e;
    }
  }
}
