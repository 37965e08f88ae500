/** What the tests of this module share: a cloud that can be told to fail. */
@NullMarked
package dev.kedge.openstack.testing;

import org.jspecify.annotations.NullMarked;
