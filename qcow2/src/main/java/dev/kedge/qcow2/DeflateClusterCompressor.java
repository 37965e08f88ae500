package dev.kedge.qcow2;

import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/**
 * Raw deflate for readers with a 12-bit window. The JDK's deflater has a 15-bit one, so it is fed 4
 * KiB at a time with a full flush in between: no distance reaches beyond the piece.
 */
final class DeflateClusterCompressor implements ClusterCompressor {
  private static final int WINDOW_BYTES = 4096;

  private final ClusterSize clusterSize;
  private final Deflater deflater;

  DeflateClusterCompressor(ClusterSize clusterSize, int level) {
    this.clusterSize = clusterSize;
    this.deflater = new Deflater(level, true);
  }

  @Override
  public int compress(ByteBuffer cluster, ByteBuffer dst) {
    deflater.reset();
    int start = dst.position();
    int limit = dst.limit();
    int end = cluster.limit();
    dst.limit(Math.min(limit, start + clusterSize.bytes() - 1));
    boolean fits = true;
    while (fits && cluster.position() < end) {
      cluster.limit(Math.min(end, cluster.position() + WINDOW_BYTES));
      fits = deflatePiece(cluster, dst, cluster.limit() == end);
    }
    cluster.limit(end).position(end);
    dst.limit(limit);
    if (fits) {
      return dst.position() - start;
    }
    dst.position(start);
    return -1;
  }

  /** Whether the piece fitted; a full buffer counts as not, since more could be waiting. */
  private boolean deflatePiece(ByteBuffer piece, ByteBuffer dst, boolean last) {
    deflater.setInput(piece);
    if (last) {
      deflater.finish();
      deflater.deflate(dst);
      return deflater.finished();
    }
    deflater.deflate(dst, Deflater.FULL_FLUSH);
    return dst.hasRemaining();
  }

  @Override
  public void close() {
    deflater.end();
  }
}
