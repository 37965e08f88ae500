/**
 * Brings instances back. A {@link dev.kedge.openstack.restore.plan.RestorePlan} says what is made
 * and what is used; {@link dev.kedge.openstack.restore.InstanceRestore} does it step by step and
 * writes each thing that it makes into a {@link dev.kedge.openstack.restore.RestoreJournal} on the
 * target, before and after, so that a failed or killed restore can be cleaned up or gone on with.
 */
@NullMarked
package dev.kedge.openstack.restore;

import org.jspecify.annotations.NullMarked;
