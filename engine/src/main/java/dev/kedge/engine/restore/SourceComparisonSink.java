package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Writes nothing, and compares what a restore would write with the snapshot in Ceph. Ends the
 * restore at the first difference, with VERIFICATION_FAILED.
 */
final class SourceComparisonSink implements RestoreSink {
  private static final int GRANULE_BYTES = 4096;
  private static final int BLOCK_BYTES = 2 << 20;

  private final RbdImage snapshot;
  private final AllocatedRanges allocated;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment block = arena.allocate(BLOCK_BYTES);
  private final MemorySegment zeroes = arena.allocate(BLOCK_BYTES);

  SourceComparisonSink(RbdImage snapshot) {
    this.snapshot = snapshot;
    this.allocated = new AllocatedRanges(snapshot);
  }

  @Override
  public int granuleBytes() {
    return GRANULE_BYTES;
  }

  @Override
  public void data(long offset, MemorySegment bytes, Runnable whenWritten) {
    try {
      compare(offset, bytes);
    } finally {
      whenWritten.run();
    }
  }

  @Override
  public void hole(long offset, long lengthBytes) {
    allocated.forEachIn(
        offset, lengthBytes, BLOCK_BYTES, (at, length) -> compare(at, zeroes.asSlice(0, length)));
  }

  private void compare(long offset, MemorySegment expected) {
    for (long at = 0; at < expected.byteSize(); at += BLOCK_BYTES) {
      long length = Math.min(BLOCK_BYTES, expected.byteSize() - at);
      MemorySegment actual = block.asSlice(0, length);
      snapshot.read(offset + at, actual);
      long mismatch = actual.mismatch(expected.asSlice(at, length));
      if (mismatch >= 0) {
        throw new KedgeException(
            ErrorCode.VERIFICATION_FAILED,
            "the restore point differs from "
                + snapshot.spec()
                + " at offset "
                + (offset + at + mismatch)
                + "; make the next backup with --full");
      }
    }
  }

  @Override
  public void commit() {}

  @Override
  public void close() {
    arena.close();
  }
}
