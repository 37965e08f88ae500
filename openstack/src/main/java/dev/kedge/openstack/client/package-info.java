/**
 * HTTP to one cloud. A request goes through this package from top to bottom: a {@link
 * dev.kedge.openstack.client.ServiceClient} knows one service's URL and microversion, a {@link
 * dev.kedge.openstack.client.CloudSession} adds a token and renews it, the transport sends, waits
 * and sends again. What comes back is an {@link dev.kedge.openstack.client.ApiObject}, or an {@link
 * dev.kedge.openstack.client.OpenStackException}.
 */
@NullMarked
package dev.kedge.openstack.client;

import org.jspecify.annotations.NullMarked;
