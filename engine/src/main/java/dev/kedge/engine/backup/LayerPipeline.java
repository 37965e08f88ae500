package dev.kedge.engine.backup;

import dev.kedge.engine.Progress;
import dev.kedge.engine.pipeline.OrderedPipeline;
import dev.kedge.engine.pipeline.SegmentRing;
import dev.kedge.qcow2.ClusterSize;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Feed, workers and sink of one layer, put together. One use. */
final class LayerPipeline {
  /** A disk is quicker with long writes. */
  private static final int CHUNK_BYTES = 2 << 20;

  private static final int RING_CHUNKS = 8;

  /** Where the target makes writes of its own of it. */
  private static final int CHUNK_BYTES_OF_BUFFERED = 1 << 20;

  /** Where the target keeps as much under way itself. */
  private static final int RING_CHUNKS_OF_BUFFERED = 6;

  private static final int DEPTH = 64;

  private final ClusterSize clusterSize;
  private final boolean standsAlone;
  private final LayerOptions options;
  private final ChunkSink sink;
  private final Progress progress;

  /** A pipeline; {@code standsAlone} says that the layer has no parent. */
  LayerPipeline(
      ClusterSize clusterSize,
      boolean standsAlone,
      LayerOptions options,
      ChunkSink sink,
      Progress progress) {
    this.clusterSize = clusterSize;
    this.standsAlone = standsAlone;
    this.options = options;
    this.sink = sink;
    this.progress = progress;
  }

  /** Moves everything that the feed submits. */
  void run(ChunkFeed feed) throws Exception {
    int clusterBytes = clusterSize.bytes();
    int chunkBytes =
        Math.max(sink.isBuffered() ? CHUNK_BYTES_OF_BUFFERED : CHUNK_BYTES, clusterBytes);
    try (Arena arena = Arena.ofShared();
        SegmentRing ring = new SegmentRing((long) ringChunks() * chunkBytes);
        OrderedPipeline<Chunk> pipeline =
            new OrderedPipeline<>(
                "backup",
                options.workers(),
                DEPTH,
                new Stages(ring, arena.allocate(clusterBytes)))) {
      try {
        feed.feed(ring, pipeline, chunkBytes);
      } catch (InterruptedException e) {
        // The ring was aborted: finish() throws what made it so.
        pipeline.finish();
        throw e;
      }
      pipeline.finish();
    }
  }

  private int ringChunks() {
    return sink.isBuffered() ? RING_CHUNKS_OF_BUFFERED : RING_CHUNKS;
  }

  private final class Stages implements OrderedPipeline.Stages<Chunk> {
    private final SegmentRing ring;
    private final MemorySegment zeroes;

    Stages(SegmentRing ring, MemorySegment zeroes) {
      this.ring = ring;
      this.zeroes = zeroes;
    }

    @Override
    public OrderedPipeline.Worker<Chunk> newWorker() {
      return new ChunkTransform(zeroes, options.compression(), clusterSize, standsAlone);
    }

    @Override
    public void sink(Chunk chunk) throws IOException {
      try {
        sink.write(chunk);
        progress.advance(chunk.readBytes);
      } finally {
        release(chunk);
      }
    }

    @Override
    public void discard(Chunk chunk) {
      try {
        // Ceph may still be writing into the buffer.
        ChunkTransform.awaitReads(chunk);
      } finally {
        release(chunk);
      }
    }

    private void release(Chunk chunk) {
      @Nullable MemorySegment buffer = chunk.buffer;
      if (buffer != null) {
        ring.releaseOldest();
      }
    }

    @Override
    public void failed() {
      ring.abort();
    }
  }
}
