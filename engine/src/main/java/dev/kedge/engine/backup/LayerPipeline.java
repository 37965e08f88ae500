package dev.kedge.engine.backup;

import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.pipeline.OrderedPipeline;
import dev.kedge.engine.pipeline.RateLimit;
import dev.kedge.engine.pipeline.SegmentRing;
import dev.kedge.qcow2.Compression;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Reader, workers and writer of one layer, put together. One use. */
final class LayerPipeline {
  private static final int RING_CHUNKS = 16;

  /** Where the target keeps as much under way itself. */
  private static final int RING_CHUNKS_OF_BUFFERED = 6;

  private static final int DEPTH = 64;

  private final RbdImage snapshot;
  private final BackupPlan plan;
  private final BackupRequest request;
  private final Compression compression;
  private final @Nullable BaseLookup base;
  private final ChunkSink sink;
  private final Progress progress;
  private final CancelToken cancel;

  LayerPipeline(
      RbdImage snapshot,
      BackupPlan plan,
      BackupRequest request,
      Compression compression,
      @Nullable BaseLookup base,
      ChunkSink sink,
      Progress progress,
      CancelToken cancel) {
    this.snapshot = snapshot;
    this.plan = plan;
    this.request = request;
    this.compression = compression;
    this.base = base;
    this.sink = sink;
    this.progress = progress;
    this.cancel = cancel;
  }

  /** Moves everything that the plan names. */
  void run() throws Exception {
    int clusterBytes = plan.clusterSize().bytes();
    boolean compress = compression != Compression.NONE;
    long chunk = Math.max(ChunkReader.CHUNK_BYTES, clusterBytes) * (compress ? 2L : 1L);
    try (Arena arena = Arena.ofShared();
        SegmentRing ring = new SegmentRing(ringChunks() * chunk);
        OrderedPipeline<Chunk> pipeline =
            new OrderedPipeline<>(
                "backup",
                request.workers(),
                DEPTH,
                new Stages(ring, arena.allocate(clusterBytes)))) {
      ChunkReader reader =
          new ChunkReader(
              snapshot,
              clusterBytes,
              compress,
              base,
              ring,
              pipeline,
              new RateLimit(request.maxBytesPerSecond()),
              cancel);
      try {
        reader.read(plan.extents());
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
      boolean zeroIsHole = plan.choice().parent().isEmpty();
      return new ChunkTransform(zeroes, compression, plan.clusterSize(), zeroIsHole);
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
