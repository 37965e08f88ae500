package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A reusable buffer for a part of an L2 table. Not thread-safe. */
final class L2Slice {
  static final int MAX_ENTRIES = 8192;

  private ByteBuffer entries = ByteBuffer.allocate(0);

  /** Reads up to {@link #MAX_ENTRIES} entries. */
  void read(RandomAccessInput in, long position, int count) throws IOException {
    int lengthBytes = count * Long.BYTES;
    if (entries.capacity() < lengthBytes) {
      entries = ByteBuffer.allocate(lengthBytes);
    }
    in.readFully(position, entries.clear().limit(lengthBytes));
  }

  long get(int index) {
    return entries.getLong(index * Long.BYTES);
  }
}
