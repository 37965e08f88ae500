/** Images: https://docs.openstack.org/api-ref/image/v2/. */
@NullMarked
package dev.kedge.openstack.glance;

import org.jspecify.annotations.NullMarked;
