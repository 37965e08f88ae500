package dev.kedge.qcow2;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;

/**
 * Where the last tables of a file lie: L1 table, refcount table, remaining refcount blocks, without
 * gaps.
 */
record Tail(
    long l1Offset,
    long refcountTableOffset,
    int refcountTableClusters,
    long firstBlockOffset,
    long endOffset) {

  /** Finds the smallest tail whose refcount blocks cover the whole file, themselves included. */
  static Tail plan(long l1Offset, long l1Entries, int writtenBlocks, ClusterSize clusterSize) {
    long tableOffset = l1Offset + clusterSize.roundUp(l1Entries * 8);
    long blocks = writtenBlocks + 1L;
    while (true) {
      long tableBytes = clusterSize.roundUp(blocks * 8);
      long firstBlock = tableOffset + tableBytes;
      long end = firstBlock + ((blocks - writtenBlocks) << clusterSize.bits());
      long needed = divideUp(end >> clusterSize.bits(), clusterSize.refcountBlockEntries());
      if (tableBytes > ClusterSize.MAX_REFCOUNT_TABLE_BYTES) {
        throw new KedgeException(
            ErrorCode.REFUSED,
            "the refcount table would exceed QEMU's 8 MiB: choose a larger cluster size");
      }
      if (needed <= blocks) {
        int clusters = (int) (tableBytes >> clusterSize.bits());
        return new Tail(l1Offset, tableOffset, clusters, firstBlock, end);
      }
      blocks = needed;
    }
  }

  private static long divideUp(long value, long by) {
    return (value + by - 1) / by;
  }
}
