/** Volumes: https://docs.openstack.org/api-ref/block-storage/v3/. */
@NullMarked
package dev.kedge.openstack.cinder;

import org.jspecify.annotations.NullMarked;
