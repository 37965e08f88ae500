/**
 * The OpenStack APIs, as far as the protection of instances needs them.
 *
 * <p>{@code cloud} says which cloud and as whom; {@code client} speaks HTTP to it; {@code
 * keystone}, {@code nova}, {@code cinder}, {@code glance}, {@code neutron} and {@code barbican}
 * know one API each; {@code disks} finds out where the disks of an instance lie. {@link
 * dev.kedge.openstack.OpenStack} holds them together.
 */
@NullMarked
package dev.kedge.openstack;

import org.jspecify.annotations.NullMarked;
