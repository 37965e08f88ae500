package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks a header: every number is in its range and every table lies inside the file. One
 * use, not thread-safe.
 */
final class HeaderDecoder {
  private static final int MAX_REFCOUNT_ORDER = 6;
  private static final int MAX_SNAPSHOTS = 65536;

  private final RandomAccessInput in;
  private final String file;
  private final long fileLengthBytes;
  private final ByteBuffer fixed;

  private HeaderDecoder(RandomAccessInput in, String file) throws IOException {
    this.in = in;
    this.file = file;
    this.fileLengthBytes = in.lengthBytes();
    int available = (int) Math.min(fileLengthBytes, Qcow2Header.V3_LENGTH_BYTES);
    this.fixed = ByteBuffer.allocate(Qcow2Header.V3_LENGTH_BYTES);
    in.readFully(0, fixed.limit(Math.max(0, available)));
    fixed.clear();
  }

  static Qcow2Header decode(RandomAccessInput in, String file) throws IOException {
    return new HeaderDecoder(in, file).decode();
  }

  private Qcow2Header decode() throws IOException {
    if (fileLengthBytes < Qcow2Header.V2_LENGTH_BYTES || fixed.getInt(0) != Qcow2Header.MAGIC) {
      throw Damage.damaged(file, "it does not start with a QCOW2 header");
    }
    int version = fixed.getInt(4);
    if (version != 2 && version != 3) {
      throw Damage.unsupported(file, "QCOW2 version " + Integer.toUnsignedString(version));
    }
    boolean v3 = version == 3;
    ClusterSize clusterSize = clusterSize();
    int headerLength = v3 ? fixed.getInt(100) : Qcow2Header.V2_LENGTH_BYTES;
    check(!v3 || headerLength >= Qcow2Header.V3_MIN_LENGTH_BYTES, "the header length is too short");
    check(
        headerLength <= Math.min(clusterSize.bytes(), fileLengthBytes),
        "the header is longer than a cluster or the file");
    HeaderExtensions extensions = extensions(headerLength, clusterSize);
    long incompatible = v3 ? fixed.getLong(72) : 0;
    checkFeatures(incompatible, extensions);
    check(fixed.getInt(32) == 0, () -> Damage.unsupported(file, "encryption"));
    Qcow2Header header =
        new Qcow2Header(
            version,
            backing(clusterSize, extensions.backingFormat()),
            clusterSize,
            fixed.getLong(24),
            compression(headerLength, incompatible),
            fixed.getInt(36),
            fixed.getLong(40),
            fixed.getLong(48),
            fixed.getInt(56),
            v3 ? fixed.getInt(96) : 4,
            fixed.getInt(60),
            (incompatible & Qcow2Header.INCOMPATIBLE_DIRTY) != 0,
            extensions.bitmaps() && v3 && (fixed.getLong(88) & Qcow2Header.AUTOCLEAR_BITMAPS) != 0);
    checkTables(header);
    return header;
  }

  private ClusterSize clusterSize() {
    int bits = fixed.getInt(20);
    check(
        bits >= ClusterSize.MIN_READ_BITS && bits <= ClusterSize.MAX_BITS,
        "the cluster size is not 512 B to 2 MiB");
    return new ClusterSize(bits);
  }

  private HeaderExtensions extensions(int headerLength, ClusterSize clusterSize)
      throws IOException {
    long backingOffset = fixed.getLong(8);
    long end = Math.min(clusterSize.bytes(), fileLengthBytes);
    if (backingOffset >= headerLength && backingOffset < end) {
      end = backingOffset;
    }
    return headerLength >= end
        ? HeaderExtensions.none()
        : HeaderExtensions.decode(read(headerLength, (int) (end - headerLength)), file);
  }

  private void checkFeatures(long incompatible, HeaderExtensions extensions) {
    check(
        (incompatible & Qcow2Header.INCOMPATIBLE_CORRUPT) == 0,
        "it is marked as corrupt; repair it with qemu-img check -r all");
    check(
        (incompatible & Qcow2Header.INCOMPATIBLE_EXTERNAL_DATA) == 0,
        () -> Damage.unsupported(file, "an external data file"));
    check(
        (incompatible & Qcow2Header.INCOMPATIBLE_EXTENDED_L2) == 0,
        () -> Damage.unsupported(file, "extended L2 entries (subclusters)"));
    long unknown =
        incompatible
            & ~(Qcow2Header.INCOMPATIBLE_DIRTY | Qcow2Header.INCOMPATIBLE_COMPRESSION_TYPE);
    if (unknown != 0) {
      int bit = Long.numberOfTrailingZeros(unknown);
      String name = extensions.incompatibleNames().get(bit);
      throw Damage.unsupported(
          file,
          "incompatible feature bit " + bit + (name == null ? "" : " " + BackingNames.quote(name)));
    }
  }

  private Compression compression(int headerLength, long incompatible) {
    int type = headerLength > Qcow2Header.V3_MIN_LENGTH_BYTES ? fixed.get(104) & 0xff : 0;
    boolean flagged = (incompatible & Qcow2Header.INCOMPATIBLE_COMPRESSION_TYPE) != 0;
    if (type > 1) {
      throw Damage.unsupported(file, "compression type " + type);
    }
    check(flagged == (type != 0), "the compression type contradicts the feature bits");
    return type == 0 ? Compression.ZLIB : Compression.ZSTD;
  }

  private @Nullable BackingFile backing(ClusterSize clusterSize, @Nullable String format)
      throws IOException {
    long offset = fixed.getLong(8);
    int length = fixed.getInt(16);
    if (offset == 0) {
      return null;
    }
    check(length > 0 && length <= BackingNames.MAX_BYTES, "the backing name has no sane length");
    check(
        offset >= Qcow2Header.V2_LENGTH_BYTES
            && offset <= Math.min(clusterSize.bytes(), fileLengthBytes) - length,
        "the backing name lies outside the header");
    String name = StandardCharsets.UTF_8.decode(read(offset, length)).toString();
    return new BackingFile(name, format);
  }

  private void checkTables(Qcow2Header header) {
    long size = header.virtualSizeBytes();
    long l1Bytes = header.l1Entries() * 8L;
    long refcountBytes = (long) header.refcountTableClusters() << header.clusterSize().bits();
    check(size >= 0, "the virtual size is absurd");
    check(
        header.l1Entries() >= 0 && l1Bytes <= ClusterSize.MAX_L1_BYTES,
        "the L1 table exceeds 32 MiB");
    check(
        header.l1Entries() >= header.clusterSize().l1Entries(size),
        "the L1 table is too small for the virtual size");
    check(isPlaced(header, header.l1Offset(), l1Bytes), "the L1 table lies outside the file");
    check(
        header.refcountTableClusters() >= 0
            && refcountBytes <= ClusterSize.MAX_REFCOUNT_TABLE_BYTES,
        "the refcount table exceeds 8 MiB");
    check(
        isPlaced(header, header.refcountTableOffset(), Math.min(refcountBytes, 8)),
        "the refcount table lies outside the file");
    check(
        l1Bytes == 0
            || refcountBytes == 0
            || header.l1Offset() + l1Bytes <= header.refcountTableOffset()
            || header.refcountTableOffset() + refcountBytes <= header.l1Offset(),
        "the L1 table and the refcount table overlap");
    check(
        header.refcountOrder() >= 0 && header.refcountOrder() <= MAX_REFCOUNT_ORDER,
        "the refcount width is not 1 to 64 bits");
    check(
        header.snapshotCount() >= 0 && header.snapshotCount() <= MAX_SNAPSHOTS,
        "the number of internal snapshots is absurd");
  }

  private boolean isPlaced(Qcow2Header header, long offset, long lengthBytes) {
    return lengthBytes == 0
        || (header.clusterSize().isAligned(offset)
            && offset >= header.clusterSize().bytes()
            && offset <= fileLengthBytes - lengthBytes);
  }

  private ByteBuffer read(long position, int lengthBytes) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
    in.readFully(position, bytes);
    return bytes.flip();
  }

  private void check(boolean ok, String damage) {
    check(ok, () -> Damage.damaged(file, damage));
  }

  private static void check(boolean ok, Supplier<RuntimeException> failure) {
    if (!ok) {
      throw failure.get();
    }
  }
}
