package dev.kedge.qcow2;

import java.io.IOException;

/**
 * The L1 table of a file being written. Pages come into being with their first entry, so an image
 * that is mostly empty costs nothing. Not thread-safe.
 */
final class L1Table {
  private static final int PAGE_BITS = 10;

  private final int entries;
  private final long[][] pages;

  /** QEMU wants a table even for an image of no size. */
  L1Table(ClusterSize clusterSize, long virtualSizeBytes) {
    this.entries = (int) Math.max(1, clusterSize.l1Entries(virtualSizeBytes));
    this.pages = new long[((entries - 1) >> PAGE_BITS) + 1][];
  }

  int entries() {
    return entries;
  }

  void set(int index, long entry) {
    int page = index >> PAGE_BITS;
    if (pages[page] == null) {
      pages[page] = new long[1 << PAGE_BITS];
    }
    pages[page][index & ((1 << PAGE_BITS) - 1)] = entry;
  }

  void writeTo(AppendBuffer out) throws IOException {
    for (int index = 0; index < entries; index++) {
      long[] page = pages[index >> PAGE_BITS];
      out.appendLong(page == null ? 0 : page[index & ((1 << PAGE_BITS) - 1)]);
    }
  }
}
