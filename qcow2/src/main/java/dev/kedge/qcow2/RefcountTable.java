package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the refcount blocks of a file lie; 0 for none. Immutable. */
final class RefcountTable {
  private final long[] offsets;

  private RefcountTable(long[] offsets) {
    this.offsets = offsets;
  }

  /** Reads the table; throws where an entry is no place for a block. */
  static RefcountTable read(Qcow2File file) throws IOException {
    Qcow2Header header = file.header();
    ClusterSize clusterSize = header.clusterSize();
    int lengthBytes = header.refcountTableClusters() << clusterSize.bits();
    ByteBuffer table = ByteBuffer.allocate(lengthBytes);
    file.input().readFully(header.refcountTableOffset(), table);
    table.flip();
    long[] offsets = new long[lengthBytes / Long.BYTES];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = table.getLong();
      boolean placed =
          offsets[i] >= 0
              && clusterSize.isAligned(offsets[i])
              && offsets[i] <= file.fileLengthBytes() - clusterSize.bytes();
      if (!placed) {
        throw Damage.damaged(file.name(), "refcount block " + i + " lies outside the file");
      }
    }
    return new RefcountTable(offsets);
  }

  /** How many entries the table has. */
  int size() {
    return offsets.length;
  }

  /** Where a block lies; 0 where there is none. */
  long offset(int block) {
    return block < offsets.length ? offsets[block] : 0;
  }
}
