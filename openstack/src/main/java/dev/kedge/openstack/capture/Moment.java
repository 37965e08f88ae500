package dev.kedge.openstack.capture;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.freeze.Freezer;
import dev.kedge.openstack.freeze.StandStill;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The moment of a backup: guests stand still, every snapshot is taken, guests go on. One use, one
 * thread.
 */
final class Moment {
  /** Ceph works on so many snapshots at a time without any taking longer for it. */
  private static final int PARALLEL_SNAPSHOTS = 8;

  /** What librbd cannot be kept from finishing. */
  private static final Duration SNAPSHOT_PATIENCE = Duration.ofMinutes(10);

  /**
   * How it went.
   *
   * @param at when the snapshots were taken
   * @param stoodStill how long the guests stood still
   * @param broken why the guests did not stand still for all snapshots; null: they did
   */
  record Result(Instant at, Duration stoodStill, @Nullable String broken) {}

  private final Freezer freezer;
  private final Duration limit;
  private final Clock clock;

  Moment(Freezer freezer, Duration limit, Clock clock) {
    this.freezer = freezer;
    this.limit = limit;
    this.clock = clock;
  }

  /** Without a guest to freeze. */
  static Result withoutFreezing(List<RbdDiskBackup> disks, Clock clock) {
    Instant at = clock.instant();
    try (ExecutorService threads = Executors.newFixedThreadPool(PARALLEL_SNAPSHOTS)) {
      await(begin(threads, disks), SNAPSHOT_PATIENCE);
    } catch (TimeoutException e) {
      throw tooLong(e);
    }
    return new Result(at, Duration.ZERO, null);
  }

  /**
   * Takes the snapshots.
   *
   * @throws KedgeException where a snapshot failed, or a guest may still stand still
   */
  Result take(List<StandStill> guests, List<RbdDiskBackup> disks) {
    freezer.arm(guests, limit);
    try (ExecutorService threads = Executors.newFixedThreadPool(PARALLEL_SNAPSHOTS)) {
      return take(disks, threads);
    }
  }

  private Result take(List<RbdDiskBackup> disks, ExecutorService threads) {
    long startNanos = System.nanoTime();
    String broken = null;
    List<Future<?>> snapshots = List.of();
    Instant at = clock.instant();
    boolean stoodStill;
    try {
      freezer.freeze();
      at = clock.instant();
      snapshots = begin(threads, disks);
      await(snapshots, limit.minusNanos(System.nanoTime() - startNanos));
    } catch (TimeoutException e) {
      broken = "the snapshots took longer than " + limit.toMillis() + " ms, and it was let go";
    } catch (KedgeException e) {
      if (!snapshots.isEmpty()) {
        throw e;
      }
      broken = e.getMessage();
    } finally {
      stoodStill = freezer.thaw();
    }
    Duration frozen = Duration.ofNanos(System.nanoTime() - startNanos);
    if (snapshots.isEmpty()) {
      snapshots = begin(threads, disks);
    }
    try {
      await(snapshots, SNAPSHOT_PATIENCE);
    } catch (TimeoutException e) {
      throw tooLong(e);
    }
    if (broken == null && !stoodStill) {
      broken = "it was let go before the snapshots were done";
    }
    return new Result(at, frozen, broken);
  }

  private static List<Future<?>> begin(ExecutorService threads, List<RbdDiskBackup> disks) {
    List<Future<?>> begun = new ArrayList<>();
    for (RbdDiskBackup disk : disks) {
      begun.add(threads.submit(disk::takeSnapshot));
    }
    return begun;
  }

  /** Waits for all; then throws the first failure. */
  private static void await(List<Future<?>> snapshots, Duration patience) throws TimeoutException {
    long endNanos = System.nanoTime() + patience.toNanos();
    KedgeException failure = null;
    for (Future<?> snapshot : snapshots) {
      try {
        snapshot.get(Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        failure =
            e.getCause() instanceof KedgeException known
                ? known
                : new KedgeException(ErrorCode.FAILED, "a snapshot failed: " + e.getCause(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new KedgeException(ErrorCode.INTERRUPTED, "stopped while snapshots were taken", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static KedgeException tooLong(TimeoutException e) {
    return new KedgeException(
        ErrorCode.SOURCE_UNREACHABLE,
        "Ceph did not finish the snapshots within "
            + SNAPSHOT_PATIENCE.toMinutes()
            + " minutes: look at its health",
        e);
  }
}
