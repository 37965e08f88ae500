package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Takes the clusters of one layer in ascending guest order, each offset aligned to clusters. Not
 * thread-safe.
 */
public interface ClusterWriter {
  /**
   * Writes one or more whole clusters and consumes the buffer; the caller pads the last cluster of
   * the image with zeroes.
   */
  void writeData(long guestOffset, ByteBuffer clusters) throws IOException;

  /** Writes one cluster that {@link ClusterCompressor} has made smaller; consumes the buffer. */
  void writeCompressed(long guestOffset, ByteBuffer compressed) throws IOException;

  /** Makes clusters read as zeroes; the length may end at the virtual size instead of a cluster. */
  void writeZeroes(long guestOffset, long lengthBytes) throws IOException;
}
