package dev.kedge.engine.backup;

import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.pipeline.OrderedPipeline;
import dev.kedge.engine.pipeline.RateLimit;
import dev.kedge.engine.pipeline.SegmentRing;
import dev.kedge.engine.plan.ClusterRuns;
import dev.kedge.engine.plan.ExtentList;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * First stage: turns the plan into chunks with their reads under way. It runs ahead as far as the
 * ring has room. For one thread.
 */
final class ChunkReader {
  // librbd and the messenger hold what has come until it is copied: in short pieces malloc uses the
  // memory of one for the next.
  private static final int READ_BYTES = 512 << 10;
  // Scattered small reads share a chunk, but not so many that Ceph sees a flood of them at once.
  private static final int RUNS_PER_CHUNK = 8;

  private final RbdImage snapshot;
  private final SegmentRing ring;
  private final OrderedPipeline<Chunk> pipeline;
  private final RateLimit rate;
  private final CancelToken cancel;
  private final @Nullable BaseLookup base;
  private final int clusterBytes;
  private final int chunkBytes;
  private final long imageBytes;

  private @Nullable Chunk filling;
  private int runsInChunk;
  private boolean stopped;

  ChunkReader(
      RbdImage snapshot,
      int clusterBytes,
      int chunkBytes,
      @Nullable BaseLookup base,
      SegmentRing ring,
      OrderedPipeline<Chunk> pipeline,
      RateLimit rate,
      CancelToken cancel) {
    this.snapshot = snapshot;
    this.imageBytes = snapshot.sizeBytes();
    this.clusterBytes = clusterBytes;
    this.chunkBytes = chunkBytes;
    this.base = base;
    this.ring = ring;
    this.pipeline = pipeline;
    this.rate = rate;
    this.cancel = cancel;
  }

  /** Reads what the plan names; with a base, whatever else the base holds becomes zero. */
  void read(ExtentList plan) throws InterruptedException {
    if (base == null) {
      ClusterRuns.forEach(plan, clusterBytes, imageBytes, this::run);
    } else {
      long clusters = (imageBytes + clusterBytes - 1) / clusterBytes;
      long[] next = {0};
      ClusterRuns.forEach(
          plan,
          clusterBytes,
          imageBytes,
          (first, count, zero) -> {
            gap(next[0], first);
            run(first, count, zero);
            next[0] = first + count;
          });
      gap(next[0], clusters);
    }
    submit();
  }

  private void gap(long from, long to) throws InterruptedException {
    if (base != null && from < to) {
      base.forEachDataRun(from, to - from, (first, count) -> run(first, count, true));
    }
  }

  private void run(long first, long count, boolean zero) throws InterruptedException {
    cancel.check();
    if (stopped) {
      return;
    }
    if (zero) {
      submit();
      stopped |= !pipeline.submit(Chunk.knownZero(first, count, clusterBytes));
      return;
    }
    long cluster = first;
    while (cluster < first + count && !stopped) {
      Chunk chunk = filling;
      if (chunk == null) {
        chunk = Chunk.toRead(chunkBytes / clusterBytes, clusterBytes, base != null);
        filling = chunk;
        runsInChunk = 0;
      }
      runsInChunk++;
      while (cluster < first + count && !chunk.isFull()) {
        if (chunk.base != null && base != null) {
          chunk.base[chunk.count] = base.checksumOf(cluster);
        }
        chunk.clusters[chunk.count++] = cluster++;
      }
      if (chunk.isFull() || runsInChunk == RUNS_PER_CHUNK) {
        submit();
      }
    }
  }

  private void submit() throws InterruptedException {
    Chunk chunk = filling;
    filling = null;
    if (chunk == null || stopped) {
      return;
    }
    long bytes = (long) chunk.count * clusterBytes;
    rate.acquire(bytes, cancel);
    chunk.buffer = ring.allocate(bytes);
    try {
      startReads(chunk);
    } finally {
      // Even a chunk whose reads failed half-way goes down the pipe: only there is it let go.
      stopped |= !pipeline.submit(chunk);
    }
  }

  private void startReads(Chunk chunk) {
    int from = 0;
    while (from < chunk.count) {
      int to = from + 1;
      while (to < chunk.count && chunk.clusters[to] == chunk.clusters[to - 1] + 1) {
        to++;
      }
      long offset = chunk.clusters[from] * clusterBytes;
      long whole = (long) (to - from) * clusterBytes;
      long inImage = Math.min(whole, imageBytes - offset);
      MemorySegment target = chunk.buffer().asSlice((long) from * clusterBytes, whole);
      if (inImage < whole) {
        target.asSlice(inImage).fill((byte) 0);
      }
      for (long at = 0; at < inImage; at += READ_BYTES) {
        long length = Math.min(READ_BYTES, inImage - at);
        chunk.reads.add(snapshot.readAsync(offset + at, target.asSlice(at, length)));
        chunk.readBytes += length;
      }
      from = to;
    }
  }
}
