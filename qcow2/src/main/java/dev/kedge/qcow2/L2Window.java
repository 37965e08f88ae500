package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The L2 table of the guest window that a writer is in. Not thread-safe. */
final class L2Window {
  private final ClusterSize clusterSize;
  private final ByteBuffer table;
  private long index = -1;

  L2Window(ClusterSize clusterSize) {
    this.clusterSize = clusterSize;
    this.table = ByteBuffer.allocateDirect(clusterSize.bytes());
  }

  /** The L1 index of the window; -1 before the first. */
  int index() {
    return (int) index;
  }

  boolean covers(long guestOffset) {
    return index == guestOffset / clusterSize.l2WindowBytes();
  }

  void moveTo(long guestOffset) {
    index = guestOffset / clusterSize.l2WindowBytes();
    for (int at = 0; at < table.capacity(); at += Long.BYTES) {
      table.putLong(at, 0);
    }
  }

  /** Fills the window with a table of a file. */
  void load(RandomAccessInput in, long hostOffset) throws IOException {
    in.readFully(hostOffset, table.clear());
    table.clear();
  }

  /** Whether no cluster of the window has an entry. */
  boolean isEmpty() {
    for (int at = 0; at < table.capacity(); at += Long.BYTES) {
      if (table.getLong(at) != 0) {
        return false;
      }
    }
    return true;
  }

  /** How many clusters the window holds from an offset on. */
  int clustersFrom(long guestOffset) {
    return clusterSize.l2Entries() - entry(guestOffset);
  }

  void set(long guestOffset, long entry) {
    table.putLong(entry(guestOffset) * Long.BYTES, entry);
  }

  long get(long guestOffset) {
    return table.getLong(entry(guestOffset) * Long.BYTES);
  }

  /** The table as it goes to the file. */
  ByteBuffer bytes() {
    return table.duplicate().clear();
  }

  private int entry(long guestOffset) {
    return (int) (guestOffset >> clusterSize.bits()) & (clusterSize.l2Entries() - 1);
  }
}
