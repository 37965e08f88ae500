package dev.kedge.qcow2;

import java.nio.ByteBuffer;

/**
 * The 16-bit refcounts of the host clusters that one refcount block covers: of a writer's current
 * window, since everything before it is final. Not thread-safe.
 */
final class RefcountBlock {
  static final int MAX_COUNT = 0xffff;

  private final int entries;
  private final ByteBuffer counts;
  private long firstCluster;

  RefcountBlock(ClusterSize clusterSize) {
    this.entries = clusterSize.refcountBlockEntries();
    this.counts = ByteBuffer.allocateDirect(clusterSize.bytes());
  }

  /** The first host cluster that this block does not cover. */
  long endCluster() {
    return firstCluster + entries;
  }

  int get(long cluster) {
    return Short.toUnsignedInt(counts.getShort(index(cluster)));
  }

  void increment(long cluster) {
    counts.putShort(index(cluster), (short) (get(cluster) + 1));
  }

  void increment(long from, long to) {
    for (long cluster = from; cluster < to; cluster++) {
      increment(cluster);
    }
  }

  /** The block as it goes to the file. */
  ByteBuffer bytes() {
    return counts.duplicate().clear();
  }

  /** Goes on to the next window, all counts zero. */
  void next() {
    firstCluster += entries;
    for (int at = 0; at < counts.capacity(); at += Long.BYTES) {
      counts.putLong(at, 0);
    }
  }

  private int index(long cluster) {
    return (int) (cluster - firstCluster) * Short.BYTES;
  }
}
