package dev.kedge.qcow2;

import java.nio.ByteBuffer;

/**
 * Compresses clusters, one at a time. Works on direct buffers and allocates nothing per call. Not
 * thread-safe: one for each thread.
 */
public interface ClusterCompressor extends AutoCloseable {
  /** The zstd level that {@link #create(Compression, ClusterSize)} uses. */
  int DEFAULT_ZSTD_LEVEL = 1;

  /** The zlib level that {@link #create(Compression, ClusterSize)} uses. */
  int DEFAULT_ZLIB_LEVEL = 6;

  /**
   * Compresses one whole cluster, which it consumes, to the position of a buffer that has room for
   * a cluster. A buffer of {@link #bufferBytes} saves a copy.
   *
   * @return the number of bytes written, or -1 (and nothing written) where the cluster does not get
   *     smaller: give it to {@link Qcow2Writer#writeData}
   */
  int compress(ByteBuffer cluster, ByteBuffer dst);

  @Override
  void close();

  /** The size of a destination buffer that never needs a copy. */
  static int bufferBytes(ClusterSize clusterSize) {
    return ZstdClusterCompressor.boundBytes(clusterSize);
  }

  /** A compressor with the default level. */
  static ClusterCompressor create(Compression compression, ClusterSize clusterSize) {
    return create(
        compression,
        clusterSize,
        compression == Compression.ZLIB ? DEFAULT_ZLIB_LEVEL : DEFAULT_ZSTD_LEVEL);
  }

  /** A compressor with a level of the method's own scale. */
  static ClusterCompressor create(Compression compression, ClusterSize clusterSize, int level) {
    return switch (compression) {
      case ZSTD -> new ZstdClusterCompressor(clusterSize, level);
      case ZLIB -> new DeflateClusterCompressor(clusterSize, level);
      case NONE -> throw new IllegalArgumentException("nothing to compress with");
    };
  }
}
