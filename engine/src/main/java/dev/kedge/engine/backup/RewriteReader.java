package dev.kedge.engine.backup;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.chain.StoredPiece;
import dev.kedge.engine.pipeline.OrderedPipeline;
import dev.kedge.engine.pipeline.RateLimit;
import dev.kedge.engine.pipeline.SegmentRing;
import dev.kedge.engine.plan.ClusterRuns;
import dev.kedge.engine.plan.ExtentList;
import dev.kedge.qcow2.Extent;
import dev.kedge.qcow2.Qcow2File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * First stage of a rewrite: walks what is stored in ascending order, a window at a time, and makes
 * chunks of clusters of the new size. For one thread.
 */
final class RewriteReader {
  // So few that a window's extents always fit into a list that must not join them: what a layer
  // does not hold must not become zeroes.
  private static final long WINDOW_BLOCKS = 32;
  private static final int PARTS_PER_CHUNK = 64;

  private final LayerSource source;
  private final int clusterBytes;
  private final long blockBytes;
  private final boolean zeroIsHole;
  private final SegmentRing ring;
  private final OrderedPipeline<RewriteChunk> pipeline;
  private final RateLimit rate;
  private final CancelToken cancel;

  private final List<StoredPiece> pieces = new ArrayList<>();
  private @Nullable RewriteChunk filling;
  private boolean stopped;

  RewriteReader(
      LayerSource source,
      int clusterBytes,
      long blockBytes,
      boolean zeroIsHole,
      SegmentRing ring,
      OrderedPipeline<RewriteChunk> pipeline,
      RateLimit rate,
      CancelToken cancel) {
    this.source = source;
    this.clusterBytes = clusterBytes;
    this.blockBytes = blockBytes;
    this.zeroIsHole = zeroIsHole;
    this.ring = ring;
    this.pipeline = pipeline;
    this.rate = rate;
    this.cancel = cancel;
  }

  /** The memory that a chunk takes at most. */
  static long chunkBytes(RestorePointReader reader, long blockBytes) {
    return blockBytes + reader.largestClusterBytes();
  }

  void read() throws IOException, InterruptedException {
    Qcow2File newest = source.reader().layers().getFirst();
    long end = newest.header().virtualSizeBytes();
    for (long at = 0; at < end && !stopped; at += WINDOW_BLOCKS * blockBytes) {
      cancel.check();
      long length = Math.min(WINDOW_BLOCKS * blockBytes, end - at);
      if (source.whole()) {
        run(at / clusterBytes, (length + clusterBytes - 1) / clusterBytes, false);
      } else {
        runs(newest, at, length, end);
      }
    }
    submit();
  }

  private void runs(Qcow2File layer, long at, long length, long end)
      throws IOException, InterruptedException {
    ExtentList held = new ExtentList();
    layer.forEachExtent(
        at,
        length,
        extent -> {
          if (extent.kind() != Extent.Kind.UNALLOCATED) {
            held.add(extent.guestOffset(), extent.lengthBytes(), extent.kind() == Extent.Kind.ZERO);
          }
        });
    if (held.size() == ExtentList.LIMIT) {
      throw new IllegalStateException("a window holds too much");
    }
    ClusterRuns.forEach(
        held,
        clusterBytes,
        end,
        (first, count, zero) -> {
          try {
            run(first, count, zero);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private void run(long first, long count, boolean zero) throws IOException, InterruptedException {
    if (zero) {
      zeroes(first, count);
      return;
    }
    long perBlock = blockBytes / clusterBytes;
    long cluster = first;
    while (cluster < first + count && !stopped) {
      long blockEnd = (cluster / perBlock + 1) * perBlock;
      long stop = Math.min(first + count, blockEnd);
      part(cluster, stop - cluster);
      cluster = stop;
    }
  }

  private void part(long first, long count) throws IOException, InterruptedException {
    cancel.check();
    pieces.clear();
    source
        .reader()
        .forEachPiece(first * clusterBytes, count * clusterBytes, blockBytes, pieces::add);
    if (pieces.isEmpty()) {
      zeroes(first, count);
      return;
    }
    RewriteChunk chunk = filling;
    if (chunk != null
        && (chunk.chunk.count + count > chunk.chunk.clusters.length
            || chunk.parts() == PARTS_PER_CHUNK)) {
      submit();
      chunk = null;
    }
    if (chunk == null) {
      int capacity = Math.toIntExact(blockBytes / clusterBytes);
      chunk = new RewriteChunk(Chunk.toRead(capacity, clusterBytes, false));
      filling = chunk;
    }
    chunk.add(first, count, pieces);
  }

  private void zeroes(long first, long count) throws InterruptedException {
    if (zeroIsHole) {
      return;
    }
    submit();
    if (!stopped) {
      stopped = !pipeline.submit(new RewriteChunk(Chunk.knownZero(first, count, clusterBytes)));
    }
  }

  private void submit() throws InterruptedException {
    RewriteChunk next = filling;
    filling = null;
    if (next == null || stopped) {
      return;
    }
    rate.acquire(next.sourceBytes, cancel);
    long bytes = (long) next.chunk.count * clusterBytes;
    // The last cluster of a layer may reach beyond what is to be written of it.
    long room = bytes + source.reader().largestClusterBytes();
    next.chunk.buffer = ring.allocate(room);
    stopped = !pipeline.submit(next);
  }
}
