/**
 * Reads volumes that are not on Ceph, through the APIs alone: snapshot → temporary volume →
 * temporary image → a stream. {@link dev.kedge.openstack.copy.VolumeCopy} is the way in.
 */
@NullMarked
package dev.kedge.openstack.copy;

import org.jspecify.annotations.NullMarked;
