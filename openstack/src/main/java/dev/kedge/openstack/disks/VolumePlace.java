package dev.kedge.openstack.disks;

import dev.kedge.engine.RbdLocation;

/** Where a volume should lie, before anybody has looked. */
sealed interface VolumePlace {
  /** On this image, as {@code source} says. */
  record OnCeph(String cluster, RbdLocation image, String source) implements VolumePlace {}

  /** Nowhere that Kedge could read. */
  record Elsewhere(String reason) implements VolumePlace {}
}
