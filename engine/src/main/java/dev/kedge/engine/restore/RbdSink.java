package dev.kedge.engine.restore;

import dev.kedge.ceph.RbdImage;
import java.lang.foreign.MemorySegment;

/** What the sinks that write to an image have in common: asynchronous writes, settled in order. */
abstract class RbdSink implements RestoreSink {
  private static final int GRANULE_BYTES = 4096;

  private final RbdImage image;
  private final RbdWrites writes;

  /** A sink that writes to this image, which the subclass closes. */
  RbdSink(RbdImage image) {
    this.image = image;
    this.writes = new RbdWrites(image);
  }

  final RbdImage image() {
    return image;
  }

  final RbdWrites writes() {
    return writes;
  }

  @Override
  public final int granuleBytes() {
    return GRANULE_BYTES;
  }

  @Override
  public final void data(long offset, MemorySegment bytes, Runnable whenWritten) {
    writes.data(offset, bytes, whenWritten);
  }

  @Override
  public final boolean holdsMemory() {
    return writes.holdsMemory();
  }

  @Override
  public final boolean settleOldest() {
    return writes.settleOldest();
  }

  @Override
  public final void drain() {
    writes.drain();
  }
}
