/**
 * Reads again from Ceph what is damaged on the target, while the snapshot is there: {@link
 * dev.kedge.engine.repair.Repair} goes through what the newest restore point builds on, and {@link
 * dev.kedge.engine.repair.LayerRepair} makes one layer what its checksums say.
 */
@NullMarked
package dev.kedge.engine.repair;

import org.jspecify.annotations.NullMarked;
