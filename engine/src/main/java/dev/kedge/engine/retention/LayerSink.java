package dev.kedge.engine.retention;

import dev.kedge.repository.Checksum;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Takes the clusters of a merged layer in ascending order. Not thread-safe. */
interface LayerSink {
  /** A cluster as it is. */
  void data(long cluster, ByteBuffer bytes, Checksum checksum) throws IOException;

  /** A cluster made smaller. */
  void compressed(long cluster, ByteBuffer bytes, Checksum checksum) throws IOException;

  /** From how many bytes of plain clusters on {@link #copy} is possible, and better. */
  default long leastCopyBytes() {
    return Long.MAX_VALUE;
  }

  /**
   * Plain clusters that lie one after the other in a layer's file, and are copied by the target
   * with the checksums that they have.
   */
  default void copy(long first, int layer, long position, List<Checksum> checksums)
      throws IOException {
    throw new UnsupportedOperationException("this sink has to be given the bytes");
  }

  /** Clusters that read as zeroes. */
  void zeroes(long first, long count) throws IOException;
}
