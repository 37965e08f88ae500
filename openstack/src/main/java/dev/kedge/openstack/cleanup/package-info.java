/** Removes what backups of instances left in a cloud that nobody else removes. */
@NullMarked
package dev.kedge.openstack.cleanup;

import org.jspecify.annotations.NullMarked;
