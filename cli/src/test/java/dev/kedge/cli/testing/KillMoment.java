package dev.kedge.cli.testing;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** When in a process's life it is killed. */
public sealed interface KillMoment {
  /** Some time after its start. */
  record After(Duration age) implements KillMoment {}

  /** When a new file of this ending is on the target, and some time later. */
  record AtFile(String suffix, Duration later) implements KillMoment {}

  /** When a new snapshot is on the image, and some time later. */
  record AtSnapshot(Duration later) implements KillMoment {}

  /** Returns at this moment of a run that starts now, or when the run has ended. */
  default void await(Running running, Watched before) {
    switch (this) {
      case After(Duration age) -> until(running, () -> running.age().compareTo(age) >= 0);
      case AtFile(String suffix, Duration later) -> {
        until(running, () -> before.hasNewFile(suffix));
        LockSupport.parkNanos(later.toNanos());
      }
      case AtSnapshot(Duration later) -> {
        until(running, before::hasNewSnapshot);
        LockSupport.parkNanos(later.toNanos());
      }
    }
  }

  private static void until(Running running, BooleanSupplier there) {
    while (running.isAlive() && !there.getAsBoolean()) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** What was there before the run. For one thread. */
  final class Watched {
    private final TargetFolder target;
    private final TestImage image;
    private final Set<String> files;
    private final List<String> snapshots;

    /** Looks now. */
    public Watched(Protected where) {
      this.target = where.target();
      this.image = where.image();
      this.files = new HashSet<>(names());
      this.snapshots = image.snapshots();
    }

    boolean hasNewFile(String suffix) {
      return names().stream().anyMatch(name -> name.endsWith(suffix) && !files.contains(name));
    }

    boolean hasNewSnapshot() {
      return !snapshots.containsAll(image.snapshots());
    }

    private List<String> names() {
      return target.names();
    }
  }
}
