package dev.kedge.engine.backup;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.PieceLoader;
import dev.kedge.engine.pipeline.OrderedPipeline;
import dev.kedge.engine.pipeline.RateLimit;
import dev.kedge.engine.pipeline.SegmentRing;
import dev.kedge.qcow2.WriterOptions;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointOutputs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Writes a layer of a restore point anew, in another form, from its stored clusters, each of which
 * is proven by its checksum on the way. The tables that say where they are must have been proven
 * before. One use.
 */
public final class LayerRewrite {
  /**
   * What was written, flushed.
   *
   * @param readBytes how much content was read from the old one
   * @param storedBytes payload in its file
   */
  public record Result(
      Manifest.DataFile data, Manifest.SumsFile sums, long readBytes, long storedBytes) {}

  private static final int BLOCK_BYTES = 1 << 20;
  private static final int RING_CHUNKS = 8;
  private static final int DEPTH = 64;

  private final LayerSource source;
  private final WriterOptions form;
  private final int workers;
  private final RateLimit rate;
  private final Progress progress;
  private final CancelToken cancel;

  /**
   * A rewrite into this form.
   *
   * @param progress is advanced by bytes of the old file
   */
  public LayerRewrite(
      LayerSource source,
      WriterOptions form,
      int workers,
      RateLimit rate,
      Progress progress,
      CancelToken cancel) {
    this.source = source;
    this.form = form;
    this.workers = workers;
    this.rate = rate;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Writes.
   *
   * @throws dev.kedge.base.KedgeException with VERIFICATION_FAILED at the first damaged cluster
   */
  public Result write(PointOutputs outputs) throws Exception {
    LayerOutput files = new LayerOutput(outputs, source.reader().point().id(), form, false);
    move(files.writer());
    LayerOutput.Written written = files.finish();
    return new Result(
        written.data(), written.sums(), files.writer().readBytes(), files.writer().storedBytes());
  }

  private void move(LayerWriter writer) throws Exception {
    int clusterBytes = form.clusterSize().bytes();
    boolean zeroIsHole = form.backing() == null;
    long block =
        Math.max(BLOCK_BYTES, Math.max(clusterBytes, source.reader().largestClusterBytes()));
    long chunk = RewriteReader.chunkBytes(source.reader(), block);
    try (Arena arena = Arena.ofShared();
        SegmentRing ring = new SegmentRing(RING_CHUNKS * chunk);
        OrderedPipeline<RewriteChunk> pipeline =
            new OrderedPipeline<>(
                "copy",
                workers,
                DEPTH,
                new Stages(ring, arena.allocate(clusterBytes), writer, zeroIsHole))) {
      RewriteReader reader =
          new RewriteReader(source, clusterBytes, block, zeroIsHole, ring, pipeline, rate, cancel);
      try {
        reader.read();
      } catch (InterruptedException e) {
        // The ring was aborted: finish() throws what made it so.
        pipeline.finish();
        throw e;
      }
      pipeline.finish();
    }
  }

  private final class Stages implements OrderedPipeline.Stages<RewriteChunk> {
    private final SegmentRing ring;
    private final MemorySegment zeroes;
    private final LayerWriter writer;
    private final boolean zeroIsHole;

    Stages(SegmentRing ring, MemorySegment zeroes, LayerWriter writer, boolean zeroIsHole) {
      this.ring = ring;
      this.zeroes = zeroes;
      this.writer = writer;
      this.zeroIsHole = zeroIsHole;
    }

    @Override
    public OrderedPipeline.Worker<RewriteChunk> newWorker() {
      PieceLoader loader = new PieceLoader(source.reader());
      ChunkTransform transform =
          new ChunkTransform(zeroes, form.compression(), form.clusterSize(), zeroIsHole);
      return new OrderedPipeline.Worker<>() {
        @Override
        public void work(RewriteChunk item) throws IOException {
          item.load(loader);
          transform.work(item.chunk);
        }

        @Override
        public void close() {
          try (loader) {
            transform.close();
          }
        }
      };
    }

    @Override
    public void sink(RewriteChunk item) throws IOException {
      try {
        writer.write(item.chunk);
        progress.advance(item.sourceBytes);
      } finally {
        discard(item);
      }
    }

    @Override
    public void discard(RewriteChunk item) {
      if (item.chunk.buffer != null) {
        ring.releaseOldest();
      }
    }

    @Override
    public void failed() {
      ring.abort();
    }
  }
}
