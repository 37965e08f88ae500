package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The L2 tables that a file has, in guest order: 12 bytes of memory for each, nothing for the empty
 * entries between. Immutable.
 */
final class L1Map {
  private static final int CHUNK_BYTES = 64 << 10;

  private final long windowBytes;
  private final int[] indexes;
  private final long[] entries;

  private L1Map(long windowBytes, int[] indexes, long[] entries) {
    this.windowBytes = windowBytes;
    this.indexes = indexes;
    this.entries = entries;
  }

  /**
   * Reads the active L1 table. Every L2 table lies inside the file, apart from the fixed tables,
   * and is used once, so all of them together are no longer than the file.
   */
  static L1Map read(RandomAccessInput in, Qcow2Header header, String file) throws IOException {
    ClusterSize clusterSize = header.clusterSize();
    long fileLengthBytes = in.lengthBytes();
    FixedTables fixed = FixedTables.of(header);
    // No more tables than the file has clusters: a huge L1 table in a small file costs nothing.
    int capacity = (int) Math.min(header.l1Entries(), fileLengthBytes >> clusterSize.bits());
    int[] indexes = new int[capacity];
    long[] entries = new long[capacity];
    int size = 0;
    long remainingBytes = header.l1Entries() * 8L;
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, remainingBytes));
    for (int index = 0; index < header.l1Entries(); index++) {
      if (index % (CHUNK_BYTES / 8) == 0) {
        chunk.clear().limit((int) Math.min(CHUNK_BYTES, remainingBytes));
        in.readFully(header.l1Offset() + index * 8L, chunk);
        remainingBytes -= chunk.flip().remaining();
      }
      long entry = chunk.getLong();
      if (entry != 0 && entry != TableFormat.COPIED) {
        long offset = entry & TableFormat.OFFSET_MASK;
        boolean placed =
            (entry & TableFormat.L1_RESERVED) == 0
                && clusterSize.isAligned(offset)
                && offset <= fileLengthBytes - clusterSize.bytes()
                && !fixed.overlaps(offset, offset + clusterSize.bytes());
        if (!placed || size == capacity) {
          throw Damage.damaged(file, "L1 entry " + index + " points to no place for an L2 table");
        }
        indexes[size] = index;
        entries[size++] = entry;
      }
    }
    long[] used = Arrays.copyOf(entries, size);
    refuseSharedTables(used, file);
    return new L1Map(clusterSize.l2WindowBytes(), Arrays.copyOf(indexes, size), used);
  }

  private static void refuseSharedTables(long[] entries, String file) {
    long[] offsets = entries.clone();
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] &= TableFormat.OFFSET_MASK;
    }
    Arrays.sort(offsets);
    for (int i = 1; i < offsets.length; i++) {
      if (offsets[i] == offsets[i - 1]) {
        throw Damage.damaged(file, "two L1 entries share the L2 table at " + offsets[i]);
      }
    }
  }

  /** How many L2 tables there are. */
  int size() {
    return indexes.length;
  }

  /** The position of the first table that maps this offset or a later one; size() where none. */
  int firstFrom(long guestOffset) {
    int found = Arrays.binarySearch(indexes, (int) (guestOffset / windowBytes));
    return found >= 0 ? found : -found - 1;
  }

  /** The first guest offset that a table maps. */
  long guestOffset(int position) {
    return indexes[position] * windowBytes;
  }

  /** Where a table lies in the file. */
  long hostOffset(int position) {
    return entries[position] & TableFormat.OFFSET_MASK;
  }

  /** Whether a table's entry has the copied bit. */
  boolean isCopied(int position) {
    return (entries[position] & TableFormat.COPIED) != 0;
  }

  /** The L1 index of a table. */
  int index(int position) {
    return indexes[position];
  }
}
