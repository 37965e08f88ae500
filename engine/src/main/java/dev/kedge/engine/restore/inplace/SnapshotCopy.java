package dev.kedge.engine.restore.inplace;

import dev.kedge.ceph.AioCompletion;
import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.plan.ExtentList;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** Hands ranges of a snapshot to a sink, reading ahead. One use, one thread. */
final class SnapshotCopy implements AutoCloseable {
  private static final int BLOCK_BYTES = 1 << 20;
  private static final int BLOCKS = 16;
  private static final int READ_AHEAD = 8;

  private record Read(
      long offset, long lengthBytes, MemorySegment block, AioCompletion completion) {}

  private final RbdImage snapshot;
  private final DifferenceSink sink;
  private final Progress progress;
  private final CancelToken cancel;
  private final Arena arena = Arena.ofShared();
  private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
  private final ArrayDeque<Read> underWay = new ArrayDeque<>();

  /** A copy into the sink, which is closed after this. */
  SnapshotCopy(RbdImage snapshot, DifferenceSink sink, Progress progress, CancelToken cancel) {
    this.snapshot = snapshot;
    this.sink = sink;
    this.progress = progress;
    this.cancel = cancel;
    for (int i = 0; i < BLOCKS; i++) {
      free.add(arena.allocate(BLOCK_BYTES));
    }
  }

  /** Copies the ranges, which are normalised and inside the snapshot. */
  void run(ExtentList ranges) {
    progress.begin("undo", ranges.totalBytes());
    for (int i = 0; i < ranges.size(); i++) {
      for (long at = ranges.offset(i); at < ranges.end(i); at += BLOCK_BYTES) {
        cancel.check();
        read(at, Math.min(BLOCK_BYTES, ranges.end(i) - at));
      }
    }
    while (!underWay.isEmpty()) {
      handOn();
    }
    sink.drain();
  }

  private void read(long offset, long lengthBytes) {
    while (underWay.size() >= READ_AHEAD) {
      handOn();
    }
    while (free.isEmpty()) {
      sink.settleOldest();
    }
    MemorySegment block = free.removeFirst();
    underWay.addLast(
        new Read(
            offset, lengthBytes, block, snapshot.readAsync(offset, block.asSlice(0, lengthBytes))));
  }

  private void handOn() {
    Read read = underWay.removeFirst();
    read.completion.await();
    sink.data(read.offset, read.block.asSlice(0, read.lengthBytes), () -> free.addLast(read.block));
    progress.advance(read.lengthBytes);
  }

  @Override
  public void close() {
    try {
      // Both may still use the blocks.
      underWay.forEach(read -> read.completion.settle());
      sink.drain();
    } finally {
      arena.close();
    }
  }
}
