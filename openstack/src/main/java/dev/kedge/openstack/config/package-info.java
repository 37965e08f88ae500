/** kedge.yaml: which Ceph cluster and pool a cloud's disks lie on. */
@NullMarked
package dev.kedge.openstack.config;

import org.jspecify.annotations.NullMarked;
