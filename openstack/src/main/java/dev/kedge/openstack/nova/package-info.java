/** Instances: https://docs.openstack.org/api-ref/compute/. */
@NullMarked
package dev.kedge.openstack.nova;

import org.jspecify.annotations.NullMarked;
