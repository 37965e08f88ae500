package dev.kedge.engine.restore;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.PieceLoader;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.chain.StoredPiece;
import dev.kedge.engine.pipeline.OrderedPipeline;
import dev.kedge.engine.pipeline.SegmentRing;
import dev.kedge.engine.plan.ExtentList;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Moves the merged content of a chain into a sink. One use; see the package's description. */
public final class RestorePipeline {
  // Half an object at a time: Ceph takes a whole one with less work, but as much memory then holds
  // fewer of them, and the OSDs wait (measured: 2 MiB x 10, 1 MiB x 16, 4 MiB x 5, in this order).
  // Where librbd copies, memory is better spent on what it has under way (RbdWrites).
  private static final long BLOCK_BYTES = 2 << 20;
  private static final int LEAST_RING_BLOCKS = 3;
  private static final int MOST_RING_BLOCKS = 10;
  private static final int DEPTH = 64;

  private final RestorePointReader chain;
  private final ExtentList ranges;
  private final RestoreSink sink;
  private final int workers;
  private final Progress progress;
  private final CancelToken cancel;
  private long dataBytes;

  RestorePipeline(
      RestorePointReader chain,
      RestoreSink sink,
      int workers,
      Progress progress,
      CancelToken cancel) {
    this(chain, all(chain), sink, workers, progress, cancel);
  }

  /**
   * A pipeline for some ranges of the image, which are normalised, and whose bounds are multiples
   * of the sink's granule or the end of the image.
   */
  public RestorePipeline(
      RestorePointReader chain,
      ExtentList ranges,
      RestoreSink sink,
      int workers,
      Progress progress,
      CancelToken cancel) {
    this.chain = chain;
    this.ranges = ranges;
    this.sink = sink;
    this.workers = workers;
    this.progress = progress;
    this.cancel = cancel;
  }

  private static ExtentList all(RestorePointReader chain) {
    ExtentList all = new ExtentList();
    all.add(0, chain.sizeBytes(), false);
    return all;
  }

  /**
   * Runs to the end.
   *
   * @return the bytes handed to the sink as data
   */
  public long run() throws Exception {
    long block = Math.max(BLOCK_BYTES, chain.largestClusterBytes());
    progress.begin("restore", ranges.totalBytes());
    try (SegmentRing ring = new SegmentRing(ringBlocks() * block);
        Stages stages = new Stages(ring);
        OrderedPipeline<RestoreChunk> pipeline =
            new OrderedPipeline<>("restore", workers, DEPTH, stages)) {
      ChunkPlanner planner =
          new ChunkPlanner(chain, ranges, block, sink.granuleBytes(), ring, pipeline, cancel);
      try {
        planner.run();
      } catch (InterruptedException e) {
        // The ring was aborted: finish() throws what made it so.
        pipeline.finish();
        throw e;
      }
      pipeline.finish();
    }
    return dataBytes;
  }

  // Where a sink keeps no memory, it is only for what is being loaded.
  private long ringBlocks() {
    return sink.holdsMemory()
        ? MOST_RING_BLOCKS
        : Math.clamp(workers + 1, LEAST_RING_BLOCKS, MOST_RING_BLOCKS);
  }

  /** Fills the chunks' buffers; one for each worker. */
  private record ChunkLoader(PieceLoader loader) implements OrderedPipeline.Worker<RestoreChunk> {
    @Override
    public void work(RestoreChunk chunk) throws IOException {
      MemorySegment buffer = chunk.buffer();
      if (buffer == null) {
        return;
      }
      // Where the pieces leave gaps inside the chunk, the image reads as zeroes.
      if (!coversAll(chunk)) {
        buffer.fill((byte) 0);
      }
      for (StoredPiece piece : chunk.pieces()) {
        loader.load(piece, buffer, chunk.offset());
      }
    }

    private static boolean coversAll(RestoreChunk chunk) {
      long at = chunk.offset();
      for (StoredPiece piece : chunk.pieces()) {
        if (piece.guestOffset() != at) {
          return false;
        }
        at = piece.guestEnd();
      }
      return at == chunk.offset() + chunk.lengthBytes();
    }

    @Override
    public void close() {
      loader.close();
    }
  }

  private final class Stages implements OrderedPipeline.Stages<RestoreChunk>, AutoCloseable {
    private final SegmentRing ring;

    Stages(SegmentRing ring) {
      this.ring = ring;
    }

    @Override
    public OrderedPipeline.Worker<RestoreChunk> newWorker() {
      return new ChunkLoader(new PieceLoader(chain));
    }

    @Override
    public void sink(RestoreChunk chunk) throws IOException {
      MemorySegment buffer = chunk.buffer();
      if (buffer == null) {
        sink.hole(chunk.offset(), chunk.lengthBytes());
      } else {
        sink.data(chunk.offset(), buffer.asSlice(0, chunk.lengthBytes()), ring::releaseOldest);
        dataBytes += chunk.lengthBytes();
      }
      progress.advance(chunk.lengthBytes());
    }

    @Override
    public void discard(RestoreChunk chunk) {
      if (chunk.buffer() != null) {
        ring.releaseOldest();
      }
    }

    @Override
    public boolean idle() throws IOException {
      return sink.settleOldest();
    }

    @Override
    public void drained() throws IOException {
      sink.drain();
    }

    @Override
    public void failed() {
      ring.abort();
    }

    @Override
    public void close() {
      try {
        // Also after a failure: native writes may still read from the ring, which closes next.
        sink.drain();
      } catch (IOException | RuntimeException e) {
        // The first failure is already on its way to the caller; this one follows from it.
        return;
      }
    }
  }
}
