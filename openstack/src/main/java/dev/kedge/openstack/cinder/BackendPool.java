package dev.kedge.openstack.cinder;

import dev.kedge.openstack.client.ApiObject;
import org.jspecify.annotations.Nullable;

/**
 * A pool that Cinder's scheduler knows.
 *
 * @param name {@code host@backend#pool}
 * @param backendName {@code volume_backend_name}; null where the driver does not say
 * @param storageProtocol {@code ceph}, {@code iSCSI}, ...
 * @param locationInfo the RBD driver's {@code <cluster>:<ceph.conf>:<fsid>:<user>:<pool>}
 */
public record BackendPool(
    String name,
    @Nullable String backendName,
    @Nullable String storageProtocol,
    @Nullable String locationInfo) {

  static BackendPool of(ApiObject json) {
    ApiObject found = json.objectOrNull("capabilities");
    ApiObject capabilities = found == null ? json : found;
    return new BackendPool(
        json.text("name"),
        capabilities.textOrNull("volume_backend_name"),
        capabilities.raw().path("storage_protocol").isString()
            ? capabilities.textOrNull("storage_protocol")
            : null,
        capabilities.textOrNull("location_info"));
  }
}
