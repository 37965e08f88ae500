/** Secrets: https://docs.openstack.org/api-ref/key-manager/. */
@NullMarked
package dev.kedge.openstack.barbican;

import org.jspecify.annotations.NullMarked;
