package dev.kedge.qcow2;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * How the refcounts of a file change, by host cluster: pages of 16 KiB that come into being when
 * touched. Not thread-safe.
 */
final class RefcountChanges {
  private static final int PAGE_BITS = 12;

  private final int entriesPerBlock;
  private final Map<Long, int[]> pages = new HashMap<>();
  private final BitSet blocks = new BitSet();

  RefcountChanges(ClusterSize clusterSize) {
    this.entriesPerBlock = clusterSize.refcountBlockEntries();
  }

  void add(long cluster, int change) {
    pages
            .computeIfAbsent(cluster >> PAGE_BITS, page -> new int[1 << PAGE_BITS])[
            (int) cluster & ((1 << PAGE_BITS) - 1)] +=
        change;
    blocks.set(block(cluster));
  }

  /** The same for each cluster of a range. */
  void add(long from, long to, int change) {
    for (long cluster = from; cluster < to; cluster++) {
      add(cluster, change);
    }
  }

  int get(long cluster) {
    int[] page = pages.get(cluster >> PAGE_BITS);
    return page == null ? 0 : page[(int) cluster & ((1 << PAGE_BITS) - 1)];
  }

  /** The refcount block that counts a cluster. */
  int block(long cluster) {
    return (int) (cluster / entriesPerBlock);
  }

  /** The refcount blocks in which anything changes. */
  BitSet blocks() {
    return (BitSet) blocks.clone();
  }
}
