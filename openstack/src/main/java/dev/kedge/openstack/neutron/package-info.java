/** Networks, ports, routers, security groups: https://docs.openstack.org/api-ref/network/v2/. */
@NullMarked
package dev.kedge.openstack.neutron;

import org.jspecify.annotations.NullMarked;
