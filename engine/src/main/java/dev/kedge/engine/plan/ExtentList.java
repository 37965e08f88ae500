package dev.kedge.engine.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Byte ranges of an image, each known to be zero or to be read. After {@link #normalise} they are
 * ascending and disjoint, and none touches another of its kind.
 *
 * <p>The list is bounded: past {@link #LIMIT} extents it joins those with the smallest gaps into
 * ones to be read. That reads and stores some unchanged data and never loses a change. Not
 * thread-safe.
 */
public final class ExtentList {
  /** The most extents a list holds: 4 MiB of memory. */
  public static final int LIMIT = 1 << 18;

  /** Receives extents in ascending order. */
  @FunctionalInterface
  public interface Visitor {
    /** One extent; {@code zero} says that it reads as zeroes. */
    void extent(long offset, long lengthBytes, boolean zero);
  }

  private static final int FIRST_CAPACITY = 256;

  private final int limit;
  private long[] offsets = new long[FIRST_CAPACITY];
  // The length shifted left by one; the low bit says zero.
  private long[] lengths = new long[FIRST_CAPACITY];
  private int count;
  private boolean ascending = true;

  /** An empty list with the usual bound. */
  public ExtentList() {
    this(LIMIT);
  }

  /** An empty list with a bound of its own. */
  ExtentList(int limit) {
    this.limit = limit;
  }

  /** Adds an extent; empty ones are ignored. Any order is allowed until {@link #normalise}. */
  public void add(long offset, long lengthBytes, boolean zero) {
    if (lengthBytes <= 0) {
      return;
    }
    if (count > 0 && offset == end(count - 1) && zero == isZero(count - 1)) {
      lengths[count - 1] += lengthBytes << 1;
      return;
    }
    if (count == limit) {
      normalise();
      coarsen();
    }
    // Only now: making room has sorted what was there, and changed which is the last.
    ascending &= count == 0 || offset >= end(count - 1);
    if (count == offsets.length) {
      int capacity = Math.min(limit, count * 2);
      offsets = Arrays.copyOf(offsets, capacity);
      lengths = Arrays.copyOf(lengths, capacity);
    }
    offsets[count] = offset;
    lengths[count] = lengthBytes << 1 | (zero ? 1 : 0);
    count++;
  }

  /** Sorts and joins: where extents overlap, one to be read wins over a zero one. */
  public void normalise() {
    if (ascending) {
      return;
    }
    List<long[]> sorted = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      sorted.add(new long[] {offsets[i], lengths[i]});
    }
    sorted.sort(Comparator.comparingLong(extent -> extent[0]));
    count = 0;
    ascending = true;
    for (long[] extent : sorted) {
      merge(extent[0], extent[0] + (extent[1] >> 1), (extent[1] & 1) != 0);
    }
  }

  private void merge(long start, long end, boolean zero) {
    long lastEnd = count == 0 ? Long.MIN_VALUE : end(count - 1);
    if (start >= lastEnd) {
      add(start, end - start, zero);
    } else if (zero == isZero(count - 1)) {
      growLast(end);
    } else if (zero) {
      // The earlier one is read anyway: only what sticks out behind it is known to be zero.
      add(lastEnd, end - lastEnd, true);
    } else {
      // Reading the whole of both is right, and simpler than cutting the zero extent in two.
      lengths[count - 1] &= ~1L;
      growLast(end);
    }
  }

  private void growLast(long end) {
    long grown = Math.max(end(count - 1), end) - offsets[count - 1];
    lengths[count - 1] = grown << 1 | (lengths[count - 1] & 1);
  }

  private void coarsen() {
    for (long gap = 4096; count > limit / 2; gap *= 2) {
      int kept = 0;
      for (int i = 1; i < count; i++) {
        if (offsets[i] - end(kept) < gap) {
          lengths[kept] = (end(i) - offsets[kept]) << 1;
        } else {
          kept++;
          offsets[kept] = offsets[i];
          lengths[kept] = lengths[i];
        }
      }
      count = kept + 1;
    }
  }

  /** How many extents there are. */
  public int size() {
    return count;
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** Where extent {@code i} starts. */
  public long offset(int i) {
    return offsets[i];
  }

  /** Where extent {@code i} ends, exclusively. */
  public long end(int i) {
    return offsets[i] + (lengths[i] >> 1);
  }

  /** Whether extent {@code i} reads as zeroes. */
  public boolean isZero(int i) {
    return (lengths[i] & 1) != 0;
  }

  /** The bytes in all extents together. */
  public long totalBytes() {
    long total = 0;
    for (int i = 0; i < count; i++) {
      total += lengths[i] >> 1;
    }
    return total;
  }

  /** The bytes in the extents that are to be read. */
  public long bytesToRead() {
    long total = 0;
    for (int i = 0; i < count; i++) {
      total += isZero(i) ? 0 : lengths[i] >> 1;
    }
    return total;
  }

  /** Whether any extent touches this range. The list must be normalised. */
  public boolean touches(long offset, long lengthBytes) {
    int at = Arrays.binarySearch(offsets, 0, count, offset);
    int before = at >= 0 ? at : -at - 2;
    return (before >= 0 && end(before) > offset)
        || (before + 1 < count && offsets[before + 1] < offset + lengthBytes);
  }

  /** Visits every extent. */
  public void forEach(Visitor visitor) {
    for (int i = 0; i < count; i++) {
      visitor.extent(offsets[i], lengths[i] >> 1, isZero(i));
    }
  }
}
