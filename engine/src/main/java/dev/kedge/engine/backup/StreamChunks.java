package dev.kedge.engine.backup;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.pipeline.OrderedPipeline;
import dev.kedge.engine.pipeline.RateLimit;
import dev.kedge.engine.pipeline.SegmentRing;
import dev.kedge.qcow2.ClusterSize;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * First stage of a copy: a stream of a known length, cut into chunks of whole clusters. One use.
 */
final class StreamChunks implements ChunkFeed {
  private static final int COPY_BYTES = 64 << 10;

  private final InputStream stream;
  private final long sizeBytes;
  private final int clusterBytes;
  private final LayerOptions options;
  private final @Nullable BaseLookup base;
  private final CancelToken cancel;
  private final byte[] copied = new byte[COPY_BYTES];

  /** Chunks of that stream; {@code base} is what they are compared with. */
  StreamChunks(
      InputStream stream,
      long sizeBytes,
      ClusterSize clusterSize,
      LayerOptions options,
      @Nullable BaseLookup base,
      CancelToken cancel) {
    this.stream = stream;
    this.sizeBytes = sizeBytes;
    this.clusterBytes = clusterSize.bytes();
    this.options = options;
    this.base = base;
    this.cancel = cancel;
  }

  @Override
  public void feed(SegmentRing ring, OrderedPipeline<Chunk> pipeline, int chunkBytes)
      throws Exception {
    RateLimit rate = new RateLimit(options.maxBytesPerSecond());
    boolean running = true;
    for (long at = 0; at < sizeBytes && running; at += chunkBytes) {
      int inDisk = (int) Math.min(chunkBytes, sizeBytes - at);
      rate.acquire(inDisk, cancel);
      running = pipeline.submit(chunk(at, inDisk, ring));
    }
    if (running && stream.read() >= 0) {
      throw new IOException("the source holds more than the " + sizeBytes + " bytes that it told");
    }
  }

  private Chunk chunk(long at, int inDisk, SegmentRing ring)
      throws IOException, InterruptedException {
    int clusters = Math.ceilDiv(inDisk, clusterBytes);
    long bytes = (long) clusters * clusterBytes;
    Chunk chunk = Chunk.toRead(clusters, clusterBytes, base != null);
    for (long cluster = at / clusterBytes; !chunk.isFull(); cluster++) {
      if (chunk.base != null && base != null) {
        chunk.base[chunk.count] = base.checksumOf(cluster);
      }
      chunk.clusters[chunk.count++] = cluster;
    }
    chunk.buffer = ring.allocate(bytes);
    fill(chunk.buffer(), at, inDisk);
    chunk.readBytes = inDisk;
    return chunk;
  }

  private void fill(MemorySegment buffer, long at, int inDisk) throws IOException {
    int filled = 0;
    while (filled < inDisk) {
      cancel.check();
      int read = stream.read(copied, 0, Math.min(COPY_BYTES, inDisk - filled));
      if (read < 0) {
        throw new EOFException(
            "the source broke off after " + (at + filled) + " of " + sizeBytes + " bytes");
      }
      MemorySegment.copy(copied, 0, buffer, ValueLayout.JAVA_BYTE, filled, read);
      filled += read;
    }
    // The ring holds what was there before.
    buffer.asSlice(inDisk).fill((byte) 0);
  }
}
