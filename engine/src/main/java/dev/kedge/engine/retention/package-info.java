/**
 * Which restore points are kept, and how the others go: {@link
 * dev.kedge.engine.retention.RetentionPolicy} decides, {@link dev.kedge.engine.retention.Expiry}
 * deletes what nothing builds on and retires the rest, {@link
 * dev.kedge.engine.retention.LayerMerge} makes one file stand for a restore point and the retired
 * ones below it: in place at the cost of what lies above the lowest, or in a new file.
 */
@NullMarked
package dev.kedge.engine.retention;

import org.jspecify.annotations.NullMarked;
