/** Where the disks of an instance lie: which RBD image of which Ceph cluster, or why on none. */
@NullMarked
package dev.kedge.openstack.disks;

import org.jspecify.annotations.NullMarked;
