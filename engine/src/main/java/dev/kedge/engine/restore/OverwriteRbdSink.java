package dev.kedge.engine.restore;

import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.IncompleteRestore;
import dev.kedge.engine.plan.ChangeDetector;
import dev.kedge.engine.plan.ExtentList;
import dev.kedge.repository.Manifest;
import java.lang.foreign.MemorySegment;

/**
 * An RBD image that exists: its size is set, every cluster of the restore point is written, and
 * what the image holds beside them is zeroed. Its snapshots and features stay. A restore that was
 * interrupted is simply run again; until then the image is marked, so that nobody takes the mixture
 * for a disk.
 */
final class OverwriteRbdSink implements RestoreSink {
  private static final int GRANULE_BYTES = 4096;
  private static final long ZERO_BYTES = 64 << 20;

  private final RbdImage image;
  private final RbdWrites writes;
  private final ExtentList allocated;
  private int nextAllocated;

  /** Takes over the handle, and the image with it: nobody else may use it. */
  OverwriteRbdSink(RbdImage image, Manifest point) {
    this.image = image;
    try {
      IncompleteRestore.mark(image, point.id().toString());
      if (image.sizeBytes() != point.sizeBytes()) {
        image.resize(point.sizeBytes());
      }
      this.allocated = new ChangeDetector(image).allocated();
    } catch (Throwable e) {
      image.close();
      throw e;
    }
    this.writes = new RbdWrites(image);
  }

  @Override
  public int granuleBytes() {
    return GRANULE_BYTES;
  }

  @Override
  public void data(long offset, MemorySegment bytes, Runnable whenWritten) {
    writes.data(offset, bytes, whenWritten);
  }

  @Override
  public void hole(long offset, long lengthBytes) {
    long end = offset + lengthBytes;
    while (nextAllocated < allocated.size() && allocated.end(nextAllocated) <= offset) {
      nextAllocated++;
    }
    for (int i = nextAllocated; i < allocated.size() && allocated.offset(i) < end; i++) {
      long from = Math.max(offset, allocated.offset(i));
      long to = Math.min(end, allocated.end(i));
      // Not a discard: that may skip what is smaller than its granularity.
      for (long at = from; at < to; at += ZERO_BYTES) {
        writes.zeroes(at, Math.min(ZERO_BYTES, to - at));
      }
    }
  }

  @Override
  public boolean settleOldest() {
    return writes.settleOldest();
  }

  @Override
  public void drain() {
    writes.drain();
  }

  @Override
  public void commit() {
    image.flush();
    IncompleteRestore.clear(image);
  }

  @Override
  public void close() {
    image.close();
  }
}
