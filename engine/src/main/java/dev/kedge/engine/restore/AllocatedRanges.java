package dev.kedge.engine.restore;

import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.plan.ChangeDetector;
import dev.kedge.engine.plan.ExtentList;

/**
 * Where an image may hold data: a hole of the restore point matters only there. Asked in ascending
 * order, by one thread.
 */
public final class AllocatedRanges {
  /** Receives ranges in ascending order. */
  @FunctionalInterface
  public interface Visitor {
    /** One range. */
    void range(long offset, long lengthBytes);
  }

  private final ExtentList allocated;
  private int next;

  /** Asks Ceph; what is written afterwards is not seen. */
  public AllocatedRanges(RbdImage image) {
    this.allocated = new ChangeDetector(image).allocated();
  }

  /** Visits the allocated parts of a range, in pieces of at most {@code pieceBytes}. */
  public void forEachIn(long offset, long lengthBytes, long pieceBytes, Visitor visitor) {
    long end = offset + lengthBytes;
    while (next < allocated.size() && allocated.end(next) <= offset) {
      next++;
    }
    for (int i = next; i < allocated.size() && allocated.offset(i) < end; i++) {
      long from = Math.max(offset, allocated.offset(i));
      long to = Math.min(end, allocated.end(i));
      for (long at = from; at < to; at += pieceBytes) {
        visitor.range(at, Math.min(pieceBytes, to - at));
      }
    }
  }
}
