package dev.kedge.qcow2;

/** The part of a file that the header alone places: header, L1 table, refcount table. */
record FixedTables(long headerEnd, long l1Start, long l1End, long refcountStart, long refcountEnd) {
  static FixedTables of(Qcow2Header header) {
    ClusterSize size = header.clusterSize();
    return new FixedTables(
        size.bytes(),
        header.l1Offset(),
        header.l1Offset() + header.l1Entries() * 8L,
        header.refcountTableOffset(),
        header.refcountTableOffset() + ((long) header.refcountTableClusters() << size.bits()));
  }

  /** Whether a range of the file touches any of them. */
  boolean overlaps(long start, long end) {
    return start < headerEnd
        || (start < l1End && end > l1Start)
        || (start < refcountEnd && end > refcountStart);
  }
}
