/** What a restore will make, what it will use of what is there, and what cannot work. */
@NullMarked
package dev.kedge.openstack.restore.plan;

import org.jspecify.annotations.NullMarked;
