package dev.kedge.engine.backup;

import dev.kedge.repository.Checksum;
import org.jspecify.annotations.Nullable;

/**
 * What the latest restore point holds, for a re-based backup to compare with. Asked in ascending
 * order, by one thread.
 */
public interface BaseLookup {
  /** The checksum of a cluster there; null where it reads as zeroes. */
  @Nullable Checksum checksumOf(long cluster);

  /** Visits the runs of clusters in this range that hold data there. */
  void forEachDataRun(long firstCluster, long count, RunVisitor visitor)
      throws InterruptedException;

  /** Receives runs of clusters in ascending order. */
  @FunctionalInterface
  public interface RunVisitor {
    /** So many clusters from this one on. */
    void run(long firstCluster, long count) throws InterruptedException;
  }
}
