package dev.kedge.openstack.disks;

import dev.kedge.engine.RbdLocation;

/** Where a volume lies. */
public sealed interface VolumePlace {
  /**
   * On this image, which exists.
   *
   * @param cluster its name in kedge.yaml
   */
  record OnCeph(String cluster, RbdLocation image) implements VolumePlace {}

  /**
   * On no RBD image that Kedge knows.
   *
   * @param reason for the user: why, and the way out
   */
  record Elsewhere(String reason) implements VolumePlace {}
}
