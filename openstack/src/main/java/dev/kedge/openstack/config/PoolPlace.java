package dev.kedge.openstack.config;

import dev.kedge.engine.RbdLocation;

/**
 * A pool of a Ceph cluster that kedge.yaml knows.
 *
 * @param cluster its name in kedge.yaml
 * @param namespace empty for the default one
 */
public record PoolPlace(String cluster, String pool, String namespace) {
  /** An image in it. */
  public RbdLocation image(String name) {
    return new RbdLocation(pool, namespace, name);
  }
}
