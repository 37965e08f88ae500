/**
 * Takes restore points of whole instances: what the cloud says of them, and all their disks at one
 * moment. {@code InstanceBackup} is the way in.
 */
@NullMarked
package dev.kedge.openstack.capture;

import org.jspecify.annotations.NullMarked;
