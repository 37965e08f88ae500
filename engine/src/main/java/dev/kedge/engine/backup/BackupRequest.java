package dev.kedge.engine.backup;

import dev.kedge.engine.RbdLocation;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import org.jspecify.annotations.Nullable;

/**
 * What to back up, and how.
 *
 * @param full whether to store everything, even where an increment would do
 * @param clusterSize null: chosen for the layer from its plan
 * @param maxBytesPerSecond the most to read from Ceph; 0 for no limit
 * @param workers threads that compress and compute checksums
 */
public record BackupRequest(
    RbdLocation image,
    boolean full,
    Compression compression,
    @Nullable ClusterSize clusterSize,
    long maxBytesPerSecond,
    int workers) {}
