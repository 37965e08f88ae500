/**
 * What a backup has to read: {@link dev.kedge.engine.plan.ChangeDetector} asks Ceph for the changed
 * extents (fast-diff first, then a fine diff inside what it names), {@link
 * dev.kedge.engine.plan.CrossCheck} doubts the answer on a sample, {@link
 * dev.kedge.engine.plan.ClusterSizeChoice} picks the layer's cluster size, and {@link
 * dev.kedge.engine.plan.ClusterRuns} turns extents into runs of clusters.
 */
@NullMarked
package dev.kedge.engine.plan;

import org.jspecify.annotations.NullMarked;
