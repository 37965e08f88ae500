/** Configuration files in YAML, read with care for the words as they stand there. */
@NullMarked
package dev.kedge.openstack.yaml;

import org.jspecify.annotations.NullMarked;
