package dev.kedge.engine.plan;

import dev.kedge.qcow2.ClusterSize;

/**
 * Picks the cluster size of a layer so that its file gets small: scattered small changes want small
 * clusters, anything else wants the usual 64 KiB, which costs less per byte to write and to look
 * up.
 */
public final class ClusterSizeChoice {
  private static final int SMALLEST_BITS = 12;
  // A smaller cluster size has to save at least this share of the file.
  private static final double WORTH_IT = 0.9;
  // The first-level table stays in memory while a layer is written or read.
  private static final long LARGEST_L1_BYTES = 4 << 20;

  private ClusterSizeChoice() {}

  /** The cluster size for a layer that will hold these changes. The list must be normalised. */
  public static ClusterSize forChanges(ExtentList changes, long imageBytes) {
    ClusterSize best = forImage(imageBytes);
    long bestBytes = fileBytes(changes, imageBytes, best.bits());
    for (int bits = best.bits() - 1; bits >= SMALLEST_BITS; bits--) {
      if (l1Bytes(imageBytes, bits) > LARGEST_L1_BYTES) {
        break;
      }
      long bytes = fileBytes(changes, imageBytes, bits);
      if (bytes < bestBytes * WORTH_IT) {
        best = new ClusterSize(bits);
        bestBytes = bytes;
      }
    }
    return best;
  }

  /** The cluster size for a layer that holds most of an image: the usual one, or what fits. */
  public static ClusterSize forImage(long imageBytes) {
    int bits = ClusterSize.DEFAULT.bits();
    while (l1Bytes(imageBytes, bits) > LARGEST_L1_BYTES && bits < 21) {
      bits++;
    }
    return new ClusterSize(bits);
  }

  /** How long the file of a layer gets, near enough: data, tables, and one cluster of header. */
  static long fileBytes(ExtentList changes, long imageBytes, int bits) {
    int tableSpanBits = 2 * bits - 3;
    long clusters = 0;
    long tables = 0;
    long nextCluster = 0;
    long nextTable = 0;
    for (int i = 0; i < changes.size(); i++) {
      long last = changes.end(i) - 1;
      long table = Math.max(nextTable, changes.offset(i) >> tableSpanBits);
      tables += Math.max(0, (last >> tableSpanBits) + 1 - table);
      nextTable = Math.max(nextTable, (last >> tableSpanBits) + 1);
      if (!changes.isZero(i)) {
        long cluster = Math.max(nextCluster, changes.offset(i) >> bits);
        clusters += Math.max(0, (last >> bits) + 1 - cluster);
        nextCluster = Math.max(nextCluster, (last >> bits) + 1);
      }
    }
    return ((clusters + tables + 1) << bits) + l1Bytes(imageBytes, bits);
  }

  private static long l1Bytes(long imageBytes, int bits) {
    return ((imageBytes >> (2 * bits - 3)) + 1) * 8;
  }
}
