/** Restore points without a Ceph, for tests of what reads them. */
@NullMarked
package dev.kedge.engine.testing;

import org.jspecify.annotations.NullMarked;
