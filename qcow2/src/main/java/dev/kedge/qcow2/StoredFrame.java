package dev.kedge.qcow2;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A cluster that did not get smaller, framed as compressed data without compression, so that it can
 * be packed between compressed clusters: aligning each would waste half a cluster on average. Costs
 * 9 bytes and 3 per 128 KiB (zstd raw blocks, RFC 8878) or 5 per 64 KiB (deflate stored blocks, RFC
 * 1951). Not thread-safe.
 */
final class StoredFrame {
  private static final int ZSTD_MAGIC = 0xfd2f_b528;
  // Single segment, 4-byte content size, no checksum, no dictionary.
  private static final byte ZSTD_DESCRIPTOR = (byte) 0xa0;
  private static final int ZSTD_BLOCK_BYTES = 128 << 10;
  private static final int DEFLATE_BLOCK_BYTES = 0xffff;

  private final Compression compression;
  private final ByteBuffer frame;

  StoredFrame(Compression compression, ClusterSize clusterSize) {
    this.compression = compression;
    int frameBytes = clusterSize.bytes() + 16 + 5 * ((clusterSize.bytes() >> 15) + 1);
    this.frame =
        ByteBuffer.allocateDirect(compression == Compression.NONE ? 0 : frameBytes)
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The frame of one cluster, valid until the next call; consumes the cluster. */
  ByteBuffer wrap(ByteBuffer cluster) {
    frame.clear();
    switch (compression) {
      case ZSTD -> zstd(cluster);
      case ZLIB -> deflate(cluster);
      case NONE -> throw new IllegalStateException("nothing is packed without compression");
    }
    return frame.flip();
  }

  private void zstd(ByteBuffer cluster) {
    frame.putInt(ZSTD_MAGIC).put(ZSTD_DESCRIPTOR).putInt(cluster.remaining());
    while (cluster.hasRemaining()) {
      int length = Math.min(cluster.remaining(), ZSTD_BLOCK_BYTES);
      int header = length << 3 | (length == cluster.remaining() ? 1 : 0);
      frame.put((byte) header).putShort((short) (header >> 8));
      putBlock(cluster, length);
    }
  }

  private void deflate(ByteBuffer cluster) {
    while (cluster.hasRemaining()) {
      int length = Math.min(cluster.remaining(), DEFLATE_BLOCK_BYTES);
      frame.put((byte) (length == cluster.remaining() ? 1 : 0));
      frame.putShort((short) length).putShort((short) ~length);
      putBlock(cluster, length);
    }
  }

  private void putBlock(ByteBuffer cluster, int length) {
    frame.put(cluster.slice(cluster.position(), length));
    cluster.position(cluster.position() + length);
  }
}
