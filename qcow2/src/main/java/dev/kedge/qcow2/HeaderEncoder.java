package dev.kedge.qcow2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Lays out the first cluster of a version 3 file (qcow2.txt, "Header"). */
final class HeaderEncoder {
  private static final int REFCOUNT_ORDER = 4;

  private HeaderEncoder() {}

  /** The whole first cluster. */
  static ByteBuffer encode(WriterOptions options, Tail tail, int l1Entries) {
    ClusterSize clusterSize = options.clusterSize();
    boolean zstd = options.compression() == Compression.ZSTD;
    ByteBuffer header = ByteBuffer.allocate(clusterSize.bytes());
    header.putInt(Qcow2Header.MAGIC).putInt(3);
    header.putLong(0).putInt(0); // backing name, filled in below
    header.putInt(clusterSize.bits());
    header.putLong((options.virtualSizeBytes() + 511) & -512L);
    header.putInt(0); // no encryption
    header.putInt(l1Entries).putLong(tail.l1Offset());
    header.putLong(tail.refcountTableOffset()).putInt(tail.refcountTableClusters());
    header.putInt(0).putLong(0); // no snapshots
    header.putLong(zstd ? Qcow2Header.INCOMPATIBLE_COMPRESSION_TYPE : 0);
    header.putLong(0).putLong(0); // no compatible and no autoclear features
    header.putInt(REFCOUNT_ORDER).putInt(Qcow2Header.V3_LENGTH_BYTES);
    header.put((byte) options.compression().headerValue()).position(Qcow2Header.V3_LENGTH_BYTES);
    putExtensions(header, options, zstd);
    BackingFile backing = options.backing();
    if (backing != null) {
      byte[] name = backing.name().getBytes(StandardCharsets.UTF_8);
      header.putLong(8, header.position()).putInt(16, name.length);
      header.put(name);
    }
    return header.clear();
  }

  private static void putExtensions(ByteBuffer header, WriterOptions options, boolean zstd) {
    BackingFile backing = options.backing();
    if (backing != null && backing.format() != null) {
      byte[] format = backing.format().getBytes(StandardCharsets.UTF_8);
      header.putInt(Qcow2Header.EXTENSION_BACKING_FORMAT).putInt(format.length).put(format);
      header.position((header.position() + 7) & -8);
    }
    if (zstd) {
      putFeatureName(header);
    }
    header.putLong(0); // end of extensions
  }

  // Lets a QEMU before 5.1 say what it misses.
  private static void putFeatureName(ByteBuffer header) {
    int entryBytes = 48;
    header.putInt(Qcow2Header.EXTENSION_FEATURE_NAMES).putInt(entryBytes);
    int end = header.position() + entryBytes;
    header.put((byte) 0).put((byte) 3);
    header.put("compression type".getBytes(StandardCharsets.US_ASCII));
    header.position(end);
  }
}
