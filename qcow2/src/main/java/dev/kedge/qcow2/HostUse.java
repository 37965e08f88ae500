package dev.kedge.qcow2;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * What each host cluster of a file is used for, and how often: one byte each, in pages that come
 * into being when touched. Not thread-safe.
 */
final class HostUse {
  private static final int PAGE_BITS = 12;
  private static final int MANY = 253;
  private static final int DATA = 254;
  private static final int OTHER = 255;

  private final byte[][] pages;

  /** Reference counts of clusters with very many tiny compressed clusters. */
  private final Map<Long, Integer> many = new HashMap<>();

  HostUse(long clusters) {
    this.pages = new byte[(int) (clusters >> PAGE_BITS) + 1][];
  }

  /** Marks plain guest data; false where the cluster is in use already. */
  boolean markData(long cluster) {
    return mark(cluster, DATA);
  }

  /** Marks a table or reserved space; false where the cluster is in use already. */
  boolean markOther(long cluster) {
    return mark(cluster, OTHER);
  }

  private boolean mark(long cluster, int use) {
    if (get(cluster) != 0) {
      return false;
    }
    set(cluster, use);
    return true;
  }

  /** Counts a compressed cluster; false where the host cluster is used for something else. */
  boolean addCompressed(long cluster) {
    int use = get(cluster);
    if (use >= DATA) {
      return false;
    }
    if (use < MANY - 1) {
      set(cluster, use + 1);
    } else {
      set(cluster, MANY);
      many.merge(cluster, MANY, (count, first) -> count + 1);
    }
    return true;
  }

  /** How often the cluster is referred to; one for a use that must be the only one. */
  int count(long cluster) {
    int use = get(cluster);
    if (use == MANY) {
      return many.getOrDefault(cluster, MANY);
    }
    return use >= DATA ? 1 : use;
  }

  /** The clusters that hold plain guest data. */
  BitSet plainData() {
    BitSet plain = new BitSet();
    for (int page = 0; page < pages.length; page++) {
      for (int i = 0; pages[page] != null && i < pages[page].length; i++) {
        if (Byte.toUnsignedInt(pages[page][i]) == DATA) {
          plain.set((page << PAGE_BITS) + i);
        }
      }
    }
    return plain;
  }

  private int get(long cluster) {
    byte[] page = pages[(int) (cluster >> PAGE_BITS)];
    return page == null ? 0 : Byte.toUnsignedInt(page[(int) cluster & ((1 << PAGE_BITS) - 1)]);
  }

  private void set(long cluster, int use) {
    int page = (int) (cluster >> PAGE_BITS);
    if (pages[page] == null) {
      pages[page] = new byte[1 << PAGE_BITS];
    }
    pages[page][(int) cluster & ((1 << PAGE_BITS) - 1)] = (byte) use;
  }
}
