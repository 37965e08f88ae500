package dev.kedge.engine.retention;

import dev.kedge.repository.Checksum;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the clusters of a merged layer in ascending order. Not thread-safe. */
interface LayerSink {
  /** A cluster as it is. */
  void data(long cluster, ByteBuffer bytes, Checksum checksum) throws IOException;

  /** A cluster made smaller. */
  void compressed(long cluster, ByteBuffer bytes, Checksum checksum) throws IOException;

  /** Clusters that read as zeroes. */
  void zeroes(long first, long count) throws IOException;
}
