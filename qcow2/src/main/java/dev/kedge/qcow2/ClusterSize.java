package dev.kedge.qcow2;

import dev.kedge.base.ByteSize;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;

/**
 * The size of a cluster as a power of two. Files are read with 512 B to 2 MiB, written with 4 KiB
 * to 2 MiB.
 *
 * @param bits the binary logarithm of the size in bytes
 */
public record ClusterSize(int bits) {
  /** The usual size, 64 KiB. */
  public static final ClusterSize DEFAULT = new ClusterSize(16);

  static final int MIN_READ_BITS = 9;
  static final int MIN_WRITE_BITS = 12;
  static final int MAX_BITS = 21;

  /** QEMU opens no file with a larger L1 table. */
  static final long MAX_L1_BYTES = 32L << 20;

  /** QEMU opens no file with a larger refcount table. */
  static final long MAX_REFCOUNT_TABLE_BYTES = 8L << 20;

  /** Checks the range. */
  public ClusterSize {
    if (bits < MIN_READ_BITS || bits > MAX_BITS) {
      throw new IllegalArgumentException("cluster bits " + bits);
    }
  }

  /**
   * A size given in bytes, for writing.
   *
   * @throws KedgeException with USAGE where it is no power of two from 4 KiB to 2 MiB
   */
  public static ClusterSize of(long bytes) {
    if (Long.bitCount(bytes) != 1 || bytes < 1L << MIN_WRITE_BITS || bytes > 1L << MAX_BITS) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "cluster size " + bytes + " B: choose a power of two from 4 KiB to 2 MiB");
    }
    return new ClusterSize(Long.numberOfTrailingZeros(bytes));
  }

  /**
   * The smallest size that can hold an image of this size, every cluster of it in use, within
   * QEMU's limits for tables.
   *
   * @throws KedgeException with REFUSED where not even 2 MiB will do
   */
  public static ClusterSize smallestFor(long virtualSizeBytes) {
    for (int bits = MIN_WRITE_BITS; bits <= MAX_BITS; bits++) {
      ClusterSize size = new ClusterSize(bits);
      if (size.canHold(virtualSizeBytes)) {
        return size;
      }
    }
    throw new KedgeException(
        ErrorCode.REFUSED,
        "an image of " + ByteSize.format(virtualSizeBytes) + " is too large for QCOW2");
  }

  /** The size in bytes. */
  public int bytes() {
    return 1 << bits;
  }

  /** Whether an image of this size fits with every cluster in use, within QEMU's limits. */
  public boolean canHold(long virtualSizeBytes) {
    long hostBytes = MAX_REFCOUNT_TABLE_BYTES / 8 * refcountWindowBytes();
    // One part in 256 is more than L2 tables, refcount blocks and stored-frame overhead ever need.
    return l1Entries(virtualSizeBytes) * 8 <= MAX_L1_BYTES
        && virtualSizeBytes <= hostBytes - hostBytes / 256 - 2 * MAX_L1_BYTES;
  }

  /** How many clusters one L2 table maps. */
  int l2Entries() {
    return 1 << (bits - 3);
  }

  /** How many guest bytes one L2 table maps. */
  long l2WindowBytes() {
    return (long) l2Entries() << bits;
  }

  /** How many L1 entries an image needs. */
  long l1Entries(long virtualSizeBytes) {
    int shift = 2 * bits - 3;
    return (virtualSizeBytes >> shift) + ((virtualSizeBytes & ((1L << shift) - 1)) == 0 ? 0 : 1);
  }

  /** How many host clusters a block of 16-bit refcounts covers. */
  int refcountBlockEntries() {
    return 1 << (bits - 1);
  }

  private long refcountWindowBytes() {
    return (long) refcountBlockEntries() << bits;
  }

  long roundDown(long bytes) {
    return bytes & -bytes();
  }

  long roundUp(long bytes) {
    return (bytes + bytes() - 1) & -bytes();
  }

  boolean isAligned(long bytes) {
    return (bytes & (bytes() - 1)) == 0;
  }
}
