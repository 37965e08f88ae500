package dev.kedge.engine.restore;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.chain.StoredPiece;
import dev.kedge.engine.pipeline.OrderedPipeline;
import dev.kedge.engine.pipeline.SegmentRing;
import dev.kedge.engine.plan.ExtentList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * First stage of a restore: walks ranges of the merged chain in ascending order and cuts it into
 * chunks of data, aligned to the sink's granule, and the holes between them. For one thread.
 */
final class ChunkPlanner {
  private static final long WINDOW_BLOCKS = 32;

  private final RestorePointReader chain;
  private final ExtentList ranges;
  private final long blockBytes;
  private final long granuleBytes;
  private final SegmentRing ring;
  private final OrderedPipeline<RestoreChunk> pipeline;
  private final CancelToken cancel;

  private final List<StoredPiece> pieces = new ArrayList<>();
  private long dataStart;
  private long dataEnd;
  private long covered;
  private boolean stopped;

  ChunkPlanner(
      RestorePointReader chain,
      ExtentList ranges,
      long blockBytes,
      long granuleBytes,
      SegmentRing ring,
      OrderedPipeline<RestoreChunk> pipeline,
      CancelToken cancel) {
    this.chain = chain;
    this.ranges = ranges;
    this.blockBytes = blockBytes;
    this.granuleBytes = granuleBytes;
    this.ring = ring;
    this.pipeline = pipeline;
    this.cancel = cancel;
  }

  /** Walks the ranges. */
  void run() throws IOException, InterruptedException {
    for (int i = 0; i < ranges.size() && !stopped; i++) {
      walk(ranges.offset(i), ranges.end(i));
    }
  }

  private void walk(long start, long end) throws IOException, InterruptedException {
    covered = start;
    List<StoredPiece> window = new ArrayList<>();
    for (long at = start; at < end && !stopped; at += WINDOW_BLOCKS * blockBytes) {
      cancel.check();
      long length = Math.min(WINDOW_BLOCKS * blockBytes, end - at);
      chain.forEachPiece(at, length, blockBytes, window::add);
      for (StoredPiece piece : window) {
        add(piece, end);
      }
      window.clear();
    }
    submit();
    hole(end);
  }

  private void add(StoredPiece piece, long limit) throws InterruptedException {
    long start = piece.guestOffset() / granuleBytes * granuleBytes;
    long end = Math.min(limit, (piece.guestEnd() + granuleBytes - 1) / granuleBytes * granuleBytes);
    boolean joins =
        !pieces.isEmpty() && start <= dataEnd && start / blockBytes == dataStart / blockBytes;
    if (!joins) {
      submit();
      dataStart = start;
    }
    pieces.add(piece);
    dataEnd = end;
  }

  private void submit() throws InterruptedException {
    if (pieces.isEmpty() || stopped) {
      return;
    }
    hole(dataStart);
    cancel.check();
    // Room for a last cluster that reaches beyond the end of the image.
    long room =
        Math.min(
            blockBytes,
            roundUp(dataEnd - dataStart, chain.largestClusterBytes())
                + chain.largestClusterBytes());
    var buffer = ring.allocate(Math.max(room, dataEnd - dataStart));
    stopped |=
        !pipeline.submit(
            new RestoreChunk(dataStart, dataEnd - dataStart, List.copyOf(pieces), buffer));
    covered = dataEnd;
    pieces.clear();
  }

  private void hole(long until) throws InterruptedException {
    if (until > covered && !stopped) {
      stopped |= !pipeline.submit(RestoreChunk.hole(covered, until - covered));
    }
    covered = Math.max(covered, until);
  }

  private static long roundUp(long value, long unit) {
    return (value + unit - 1) / unit * unit;
  }
}
