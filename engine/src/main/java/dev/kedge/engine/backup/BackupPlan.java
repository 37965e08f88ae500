package dev.kedge.engine.backup;

import dev.kedge.engine.plan.ExtentList;
import dev.kedge.qcow2.ClusterSize;

/**
 * What a backup will read.
 *
 * @param choice the kind in the end: a doubt turns an incremental into a re-based one
 * @param extents for an increment what may have changed, else what is allocated
 */
record BackupPlan(KindChoice choice, ExtentList extents, ClusterSize clusterSize) {}
