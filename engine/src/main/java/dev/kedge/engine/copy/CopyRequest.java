package dev.kedge.engine.copy;

import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import org.jspecify.annotations.Nullable;

/**
 * How restore points are to be stored at their new place.
 *
 * @param compression null: each layer as it is
 * @param clusterSize null: each layer as it is
 * @param flatten whether a restore point becomes a full one, without those that it builds on
 * @param workers how many threads hash and compress
 * @param maxBytesPerSecond the most that is read from the source; 0 for no limit
 */
public record CopyRequest(
    @Nullable Compression compression,
    @Nullable ClusterSize clusterSize,
    boolean flatten,
    int workers,
    long maxBytesPerSecond) {}
