package dev.kedge.qcow2;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/**
 * Decompresses clusters, one at a time. Works on direct buffers. Not thread-safe: one for each
 * thread.
 */
public interface ClusterDecompressor extends AutoCloseable {
  /**
   * Fills exactly one cluster, all that remains of the buffer. The compressed buffer may hold more
   * than the payload: the rest of its last sector.
   *
   * @throws DataFormatException where the payload is damaged; {@link Qcow2File#damaged} names the
   *     file and the place
   */
  void decompress(ByteBuffer compressed, ByteBuffer cluster) throws DataFormatException;

  @Override
  void close();

  /** A decompressor for what a header names; it serves any number of files. */
  static ClusterDecompressor create(Compression compression) {
    return switch (compression) {
      case ZSTD -> new ZstdClusterDecompressor();
      case ZLIB -> new DeflateClusterDecompressor();
      case NONE -> throw new IllegalArgumentException("nothing to decompress with");
    };
  }
}
