/** The lab's Ceph for tests of this and of other modules. */
@NullMarked
package dev.kedge.ceph.testing;

import org.jspecify.annotations.NullMarked;
