/** Projects and users: https://docs.openstack.org/api-ref/identity/v3/. */
@NullMarked
package dev.kedge.openstack.keystone;

import org.jspecify.annotations.NullMarked;
