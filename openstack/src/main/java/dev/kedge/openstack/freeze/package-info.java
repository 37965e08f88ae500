/**
 * Makes guests stand still for the moment of their snapshots, and sees to it that they go on
 * whatever happens.
 *
 * <p>{@code Freezer} (in kedge) → a pipe → {@code FreezeHelper} (a process and session of its own)
 * → {@code Guest} (virsh, or Nova). The helper alone freezes and thaws, so the two cannot cross. It
 * thaws when it is told, when the time is over, and when the pipe ends because kedge was killed.
 * Should the helper be killed, kedge thaws by itself.
 */
@NullMarked
package dev.kedge.openstack.freeze;

import org.jspecify.annotations.NullMarked;
