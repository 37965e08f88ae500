package dev.kedge.qcow2;

import org.jspecify.annotations.Nullable;

/** What the L2 entries of one file mean, and whether they can be true. Immutable. */
final class L2Entries {
  private final Qcow2Header header;
  private final ClusterSize clusterSize;
  private final TableFormat format;
  private final FixedTables fixed;
  private final long fileLengthBytes;

  L2Entries(Qcow2Header header, long fileLengthBytes) {
    this.header = header;
    this.clusterSize = header.clusterSize();
    this.format = new TableFormat(clusterSize);
    this.fixed = FixedTables.of(header);
    this.fileLengthBytes = fileLengthBytes;
  }

  static Extent.Kind kind(long entry) {
    if ((entry & TableFormat.COMPRESSED) != 0) {
      return Extent.Kind.COMPRESSED;
    }
    if ((entry & TableFormat.ZERO) != 0) {
      return Extent.Kind.ZERO;
    }
    return (entry & TableFormat.OFFSET_MASK) == 0 ? Extent.Kind.UNALLOCATED : Extent.Kind.DATA;
  }

  long hostOffset(long entry) {
    return (entry & TableFormat.COMPRESSED) != 0
        ? format.compressedOffset(entry)
        : entry & TableFormat.OFFSET_MASK;
  }

  /** The payload ends with its last sector or with the file. */
  int compressedLengthBytes(long entry) {
    long toEnd = fileLengthBytes - format.compressedOffset(entry);
    return (int) Math.min(toEnd, format.compressedLengthBytes(entry));
  }

  /** What is wrong with the entry that maps a guest cluster; null where nothing is. */
  @Nullable String problem(long entry, long guestOffset) {
    return switch (kind(entry)) {
      case COMPRESSED -> compressedProblem(entry);
      case ZERO -> zeroProblem(entry);
      case UNALLOCATED -> reservedProblem(entry);
      case DATA -> dataProblem(entry, guestOffset);
    };
  }

  private @Nullable String compressedProblem(long entry) {
    long offset = format.compressedOffset(entry);
    if (offset >= fileLengthBytes) {
      return "a compressed cluster lies behind the end of the file";
    }
    return fixed.overlaps(offset, offset + compressedLengthBytes(entry))
        ? "a compressed cluster overlaps a table"
        : null;
  }

  private @Nullable String zeroProblem(long entry) {
    if (header.version() < 3) {
      return "a zero cluster in a version 2 file";
    }
    return reservedProblem(entry);
  }

  private @Nullable String dataProblem(long entry, long guestOffset) {
    long offset = entry & TableFormat.OFFSET_MASK;
    // QEMU leaves the last cluster of an image short.
    long visibleBytes = Math.min(clusterSize.bytes(), header.virtualSizeBytes() - guestOffset);
    if (!clusterSize.isAligned(offset)) {
      return "a cluster is not aligned";
    }
    if (offset > fileLengthBytes - Math.max(1, visibleBytes)) {
      return "a cluster lies behind the end of the file";
    }
    return fixed.overlaps(offset, offset + clusterSize.bytes())
        ? "a cluster overlaps a table"
        : reservedProblem(entry);
  }

  private static @Nullable String reservedProblem(long entry) {
    return (entry & TableFormat.L2_RESERVED) == 0 ? null : "an L2 entry has reserved bits set";
  }
}
