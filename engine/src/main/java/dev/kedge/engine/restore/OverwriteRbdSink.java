package dev.kedge.engine.restore;

import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.IncompleteRestore;
import dev.kedge.repository.Manifest;

/**
 * An RBD image that exists: its size is set, every cluster of the restore point is written, and
 * what the image holds beside them is zeroed. Its snapshots and features stay. A restore that was
 * interrupted is simply run again; until then the image is marked, so that nobody takes the mixture
 * for a disk.
 */
final class OverwriteRbdSink extends RbdSink {
  private static final long ZERO_BYTES = 64 << 20;

  private final AllocatedRanges allocated;

  /** Takes over the handle, and the image with it: nobody else may use it. */
  OverwriteRbdSink(RbdImage image, Manifest point) {
    super(image);
    try {
      IncompleteRestore.mark(image, point.id().toString());
      if (image.sizeBytes() != point.sizeBytes()) {
        image.resize(point.sizeBytes());
      }
      this.allocated = new AllocatedRanges(image);
    } catch (Throwable e) {
      image.close();
      throw e;
    }
  }

  @Override
  public void hole(long offset, long lengthBytes) {
    // Not a discard: that may skip what is smaller than its granularity.
    allocated.forEachIn(offset, lengthBytes, ZERO_BYTES, writes()::zeroes);
  }

  @Override
  public void commit() {
    image().flush();
    IncompleteRestore.clear(image());
  }

  @Override
  public void close() {
    image().close();
  }
}
