package dev.kedge.openstack.capture;

import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.backup.BackupRequest;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to back up instances.
 *
 * @param freezeTimeout no guest stands still for longer
 * @param full whether to store everything, even where an increment would do
 * @param clusterSize null: chosen for each layer from its plan
 * @param maxBytesPerSecond the most to read from Ceph for each disk; 0 for no limit
 * @param parallelDisks how many disks' data is moved at a time
 */
public record InstanceBackupRequest(
    ConsistencyWish consistency,
    Duration freezeTimeout,
    boolean full,
    Compression compression,
    @Nullable ClusterSize clusterSize,
    long maxBytesPerSecond,
    int parallelDisks) {

  /** The part of one disk, the processors being shared by those under way. */
  BackupRequest forDisk(RbdLocation image) {
    int workers = Math.max(1, Runtime.getRuntime().availableProcessors() / parallelDisks);
    return new BackupRequest(image, full, compression, clusterSize, maxBytesPerSecond, workers);
  }
}
