package dev.kedge.openstack.capture;

import dev.kedge.engine.backup.LayerOptions;
import java.time.Duration;

/**
 * How to back up instances.
 *
 * @param freezeTimeout no guest stands still for longer
 * @param layer how each disk is read and stored
 * @param parallelDisks how many disks' data is moved at a time
 * @param copyOthers whether volumes that are not on Ceph are copied through Cinder and Glance; else
 *     they are left out
 */
public record InstanceBackupRequest(
    ConsistencyWish consistency,
    Duration freezeTimeout,
    LayerOptions layer,
    int parallelDisks,
    boolean copyOthers) {}
