/** Which cloud to talk to, as whom, and how: from clouds.yaml, OS_* variables, or options. */
@NullMarked
package dev.kedge.openstack.cloud;

import org.jspecify.annotations.NullMarked;
