package dev.kedge.qcow2;

import java.util.Arrays;

/** A growing list of longs without boxes. Not thread-safe. */
final class LongList {
  private long[] values = new long[16];
  private int size;

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size + (size >> 1));
    }
    values[size++] = value;
  }

  void clear() {
    size = 0;
  }

  long get(int index) {
    return values[index];
  }

  int size() {
    return size;
  }
}
