package dev.kedge.engine.restore.inplace;

import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.plan.ExtentList;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Hands ranges of a snapshot to a sink. */
final class SnapshotCopy {
  private static final int BLOCK_BYTES = 4 << 20;

  private SnapshotCopy() {}

  /** Copies the ranges, which are normalised and inside the snapshot. */
  static void run(
      RbdImage snapshot,
      ExtentList ranges,
      DifferenceSink sink,
      Progress progress,
      CancelToken cancel) {
    progress.begin("undo", ranges.totalBytes());
    try (Arena arena = Arena.ofShared()) {
      MemorySegment block = arena.allocate(BLOCK_BYTES);
      try {
        for (int i = 0; i < ranges.size(); i++) {
          for (long at = ranges.offset(i); at < ranges.end(i); at += BLOCK_BYTES) {
            cancel.check();
            MemorySegment part = block.asSlice(0, Math.min(BLOCK_BYTES, ranges.end(i) - at));
            snapshot.read(at, part);
            sink.data(at, part, () -> {});
            sink.drain();
            progress.advance(part.byteSize());
          }
        }
      } finally {
        // Nothing may be read from the block any more.
        sink.drain();
      }
    }
  }
}
