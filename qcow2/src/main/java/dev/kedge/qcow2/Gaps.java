package dev.kedge.qcow2;

import java.io.IOException;

/**
 * The ranges of a window that no layer has answered for yet. A pass cuts ascending extents out of
 * them. Not thread-safe.
 */
final class Gaps {
  /** Takes a range. */
  interface RangeVisitor {
    void visit(long start, long end) throws IOException;
  }

  private LongList bounds = new LongList();
  private LongList remaining = new LongList();
  private int cursor;
  private long cursorStart;

  /** One gap. */
  void reset(long start, long end) {
    bounds.clear();
    remaining.clear();
    put(bounds, start, end);
    rewind();
  }

  boolean isEmpty() {
    return bounds.size() == 0;
  }

  long start() {
    return bounds.get(0);
  }

  long end() {
    return bounds.get(bounds.size() - 1);
  }

  void forEach(RangeVisitor visitor) throws IOException {
    for (int i = 0; i < bounds.size(); i += 2) {
      visitor.visit(bounds.get(i), bounds.get(i + 1));
    }
  }

  /** Cuts an extent out and hands over the pieces that fell into gaps. */
  void cut(Extent extent, ExtentVisitor pieces) throws IOException {
    while (cursor < bounds.size() && cursorStart < extent.endOffset()) {
      long gapEnd = bounds.get(cursor + 1);
      long from = Math.max(cursorStart, extent.guestOffset());
      long to = Math.min(gapEnd, extent.endOffset());
      if (from < to) {
        put(remaining, cursorStart, from);
        pieces.visit(extent.clip(from, to));
        cursorStart = to;
      } else {
        put(remaining, cursorStart, gapEnd);
        cursorStart = gapEnd;
      }
      nextIfUsedUp(gapEnd);
    }
  }

  /** Ends a pass: what is left becomes the gaps of the next one. */
  void endPass() {
    while (cursor < bounds.size()) {
      long gapEnd = bounds.get(cursor + 1);
      put(remaining, cursorStart, gapEnd);
      cursorStart = gapEnd;
      nextIfUsedUp(gapEnd);
    }
    LongList done = bounds;
    bounds = remaining;
    remaining = done;
    remaining.clear();
    rewind();
  }

  private void nextIfUsedUp(long gapEnd) {
    if (cursorStart == gapEnd) {
      cursor += 2;
      cursorStart = cursor < bounds.size() ? bounds.get(cursor) : Long.MAX_VALUE;
    }
  }

  private void rewind() {
    cursor = 0;
    cursorStart = bounds.size() == 0 ? Long.MAX_VALUE : bounds.get(0);
  }

  private static void put(LongList list, long start, long end) {
    if (start < end) {
      list.add(start);
      list.add(end);
    }
  }
}
