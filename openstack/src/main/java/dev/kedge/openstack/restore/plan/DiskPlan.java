package dev.kedge.openstack.restore.plan;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of one disk.
 *
 * @param restore false: the disk is left out
 * @param volume true: it becomes a volume of Cinder's; false: Nova makes it, as it made the
 *     original
 * @param name of the volume
 * @param type of the volume; null: Cinder's default
 * @param availabilityZone of the volume; null: Cinder chooses
 * @param sizeGib of the volume; at least the original's
 */
public record DiskPlan(
    boolean restore,
    boolean volume,
    String name,
    @Nullable String type,
    @Nullable String availabilityZone,
    long sizeGib) {}
