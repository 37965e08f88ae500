package dev.kedge.engine.backup;

import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import org.jspecify.annotations.Nullable;

/**
 * How a restore point is read and stored.
 *
 * @param full whether to store everything, even where an increment would do
 * @param clusterSize null: chosen for the layer from its plan
 * @param maxBytesPerSecond the most to read from the source; 0 for no limit
 * @param workers threads that compress and compute checksums
 */
public record LayerOptions(
    boolean full,
    Compression compression,
    @Nullable ClusterSize clusterSize,
    long maxBytesPerSecond,
    int workers) {
  /** The same without compression, to compare what is read. */
  LayerOptions uncompressed() {
    return new LayerOptions(full, Compression.NONE, clusterSize, maxBytesPerSecond, workers);
  }
}
