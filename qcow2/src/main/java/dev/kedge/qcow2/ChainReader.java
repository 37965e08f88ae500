package dev.kedge.qcow2;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Positional reads through a chain. Keeps the last decompressed cluster, so that small reads in a
 * row decompress it once. Not thread-safe: one for each thread.
 */
public final class ChainReader implements AutoCloseable {
  private final Qcow2Chain chain;
  private final Map<Compression, ClusterDecompressor> decompressors =
      new EnumMap<>(Compression.class);
  private @Nullable ByteBuffer compressed;
  private @Nullable ByteBuffer cluster;
  private int clusterLayer = -1;
  private long clusterHostOffset;

  /** A reader of one chain. */
  public ChainReader(Qcow2Chain chain) {
    this.chain = chain;
  }

  /**
   * Fills a buffer from a guest offset.
   *
   * @throws EOFException where the virtual size ends first
   */
  public void read(long guestOffset, ByteBuffer dst) throws IOException {
    if (guestOffset < 0 || dst.remaining() > chain.virtualSizeBytes() - guestOffset) {
      throw new EOFException(
          dst.remaining() + " B at " + guestOffset + " of " + chain.virtualSizeBytes());
    }
    int limit = dst.limit();
    chain.forEachExtent(
        guestOffset,
        dst.remaining(),
        (layer, extent) -> {
          dst.limit(dst.position() + (int) extent.lengthBytes());
          readExtent(layer, extent, dst);
          dst.limit(limit);
        });
  }

  private void readExtent(int layer, Extent extent, ByteBuffer dst) throws IOException {
    switch (extent.kind()) {
      case DATA -> readData(chain.layers().get(layer), extent, dst);
      case COMPRESSED -> readCompressed(layer, extent, dst);
      case ZERO, UNALLOCATED -> zero(dst);
    }
  }

  private static void readData(Qcow2File file, Extent extent, ByteBuffer dst) throws IOException {
    try {
      file.input().readFully(extent.hostOffset(), dst);
    } catch (EOFException e) {
      throw Damage.damaged(file.name(), "it ends before its data", e);
    }
  }

  private void readCompressed(int layer, Extent extent, ByteBuffer dst) throws IOException {
    Qcow2File file = chain.layers().get(layer);
    if (cluster == null || layer != clusterLayer || extent.hostOffset() != clusterHostOffset) {
      clusterLayer = -1;
      cluster = decompress(file, extent);
      clusterLayer = layer;
      clusterHostOffset = extent.hostOffset();
    }
    int clusterBytes = file.header().clusterSize().bytes();
    dst.put(
        cluster.slice((int) extent.guestOffset() & (clusterBytes - 1), (int) extent.lengthBytes()));
  }

  private ByteBuffer decompress(Qcow2File file, Extent extent) throws IOException {
    int clusterBytes = file.header().clusterSize().bytes();
    compressed = grown(compressed, (int) extent.hostLengthBytes());
    file.input().readFully(extent.hostOffset(), compressed);
    ByteBuffer to = grown(cluster, clusterBytes);
    try {
      decompressors
          .computeIfAbsent(file.header().compression(), ClusterDecompressor::create)
          .decompress(compressed.flip(), to);
    } catch (DataFormatException e) {
      throw file.damaged(extent.guestOffset(), e);
    }
    return to.clear();
  }

  private static ByteBuffer grown(@Nullable ByteBuffer buffer, int lengthBytes) {
    ByteBuffer enough =
        buffer != null && buffer.capacity() >= lengthBytes
            ? buffer
            : ByteBuffer.allocateDirect(lengthBytes);
    return enough.clear().limit(lengthBytes);
  }

  private static void zero(ByteBuffer dst) {
    while (dst.remaining() >= Long.BYTES) {
      dst.putLong(0);
    }
    while (dst.hasRemaining()) {
      dst.put((byte) 0);
    }
  }

  @Override
  public void close() {
    decompressors.values().forEach(ClusterDecompressor::close);
  }
}
