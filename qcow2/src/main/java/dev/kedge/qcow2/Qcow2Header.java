package dev.kedge.qcow2;

import org.jspecify.annotations.Nullable;

/**
 * The header of a file (qcow2.txt, "Header"); offsets and lengths in bytes.
 *
 * @param version 2 or 3
 * @param backing the backing file as named, not yet checked to be a plain name
 * @param clusterSize 512 B to 2 MiB
 * @param virtualSizeBytes the size that a guest sees
 * @param compression what compressed clusters use; ZLIB where the header names none
 * @param l1Entries entries of the active L1 table
 * @param l1Offset where it lies
 * @param refcountTableOffset where the refcount table lies
 * @param refcountTableClusters its length in clusters
 * @param refcountOrder binary logarithm of the refcount width in bits
 * @param snapshotCount internal snapshots, which the reader ignores
 * @param dirty whether refcounts may be stale (lazy refcounts)
 * @param hasBitmaps whether there are persistent bitmaps, which the reader ignores
 */
public record Qcow2Header(
    int version,
    @Nullable BackingFile backing,
    ClusterSize clusterSize,
    long virtualSizeBytes,
    Compression compression,
    int l1Entries,
    long l1Offset,
    long refcountTableOffset,
    int refcountTableClusters,
    int refcountOrder,
    int snapshotCount,
    boolean dirty,
    boolean hasBitmaps) {
  static final int MAGIC = 0x514649fb;
  static final int V2_LENGTH_BYTES = 72;
  static final int V3_MIN_LENGTH_BYTES = 104;
  static final int V3_LENGTH_BYTES = 112;
  static final long INCOMPATIBLE_DIRTY = 1;
  static final long INCOMPATIBLE_CORRUPT = 1 << 1;
  static final long INCOMPATIBLE_EXTERNAL_DATA = 1 << 2;
  static final long INCOMPATIBLE_COMPRESSION_TYPE = 1 << 3;
  static final long INCOMPATIBLE_EXTENDED_L2 = 1 << 4;
  static final long AUTOCLEAR_BITMAPS = 1;
  static final int EXTENSION_END = 0;
  static final int EXTENSION_BACKING_FORMAT = 0xe2792aca;
  static final int EXTENSION_FEATURE_NAMES = 0x6803f857;
  static final int EXTENSION_BITMAPS = 0x23852875;
}
