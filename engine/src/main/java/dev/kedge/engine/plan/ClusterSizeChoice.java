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
  private static final long LIKELY_WRITE_BYTES = 4 << 10;
  // The first-level table stays in memory while a layer is written or read.
  private static final long LARGEST_L1_BYTES = 4 << 20;

  private ClusterSizeChoice() {}

  /**
   * The cluster size for a layer that will hold these changes. The list must be normalised.
   *
   * @param objectBytes the size of the image's objects
   */
  public static ClusterSize forChanges(ExtentList changes, long imageBytes, long objectBytes) {
    ClusterSize best = forImage(imageBytes);
    long bestBytes = fileBytes(changes, imageBytes, objectBytes, best.bits());
    for (int bits = best.bits() - 1; bits >= SMALLEST_BITS; bits--) {
      if (l1Bytes(imageBytes, bits) > LARGEST_L1_BYTES) {
        break;
      }
      long bytes = fileBytes(changes, imageBytes, objectBytes, bits);
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
  static long fileBytes(ExtentList changes, long imageBytes, long objectBytes, int bits) {
    UnitCount clusters = new UnitCount(bits);
    UnitCount tables = new UnitCount(2 * bits - 3);
    for (int i = 0; i < changes.size(); i++) {
      long offset = changes.offset(i);
      long end = changes.end(i);
      tables.add(offset, end);
      if (!changes.isZero(i)) {
        long hole = likelyHole(offset, end, objectBytes);
        clusters.add(offset, Math.max(offset, end - end % objectBytes));
        clusters.add(Math.max(offset, end - end % objectBytes) + hole, end);
      }
    }
    return ((clusters.count + tables.count + 1) << bits) + l1Bytes(imageBytes, bits);
  }

  // Of an object that is new Ceph reports everything from the object's start to the end of the
  // write, and the hole before the write cannot be told from data without reading it.
  private static long likelyHole(long offset, long end, long objectBytes) {
    long inLastObject = end % objectBytes;
    boolean fromItsStart = offset <= end - inLastObject;
    return fromItsStart ? Math.max(0, inLastObject - LIKELY_WRITE_BYTES) : 0;
  }

  private static long l1Bytes(long imageBytes, int bits) {
    return ((imageBytes >> (2 * bits - 3)) + 1) * 8;
  }

  /** Counts the units of 2^bits bytes that ascending ranges touch, each once. */
  private static final class UnitCount {
    private final int bits;
    private long next;
    private long count;

    UnitCount(int bits) {
      this.bits = bits;
    }

    void add(long offset, long end) {
      if (offset < end) {
        long last = ((end - 1) >> bits) + 1;
        count += Math.max(0, last - Math.max(next, offset >> bits));
        next = Math.max(next, last);
      }
    }
  }
}
