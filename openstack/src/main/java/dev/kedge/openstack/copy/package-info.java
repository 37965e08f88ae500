/**
 * Reads disks that are not on Ceph, through the APIs alone. A volume: snapshot → temporary volume →
 * temporary image → a stream. A root disk of Nova's: image → a stream, by way of a volume where the
 * image is not raw. {@link dev.kedge.openstack.copy.Copies} is the way in.
 */
@NullMarked
package dev.kedge.openstack.copy;

import org.jspecify.annotations.NullMarked;
