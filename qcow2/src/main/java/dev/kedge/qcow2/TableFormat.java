package dev.kedge.qcow2;

/**
 * The bits of L1, L2 and refcount table entries (qcow2.txt, "Cluster mapping" and "Host cluster
 * management") for one cluster size.
 */
record TableFormat(ClusterSize clusterSize) {
  static final long COPIED = 1L << 63;
  static final long COMPRESSED = 1L << 62;
  static final long ZERO = 1;
  static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;
  static final long L1_RESERVED = ~(COPIED | OFFSET_MASK);
  static final long L2_RESERVED = ~(COPIED | COMPRESSED | OFFSET_MASK | ZERO);
  static final int SECTOR_BYTES = 512;

  /** The entry of a compressed cluster; never has the copied bit. */
  long compressedEntry(long hostOffset, int lengthBytes) {
    long sectors = ((hostOffset + lengthBytes - 1) >> 9) - (hostOffset >> 9);
    return COMPRESSED | sectors << offsetBits() | hostOffset;
  }

  /** Where the payload of a compressed cluster starts. */
  long compressedOffset(long entry) {
    return entry & ((1L << offsetBits()) - 1);
  }

  /** The longest the payload can be: it may end anywhere in its last sector. */
  int compressedLengthBytes(long entry) {
    long sectors = (entry >> offsetBits()) & ((1L << (clusterSize.bits() - 8)) - 1);
    return (int) ((sectors + 1) * SECTOR_BYTES - (entry & (SECTOR_BYTES - 1)));
  }

  private int offsetBits() {
    return 62 - (clusterSize.bits() - 8);
  }
}
