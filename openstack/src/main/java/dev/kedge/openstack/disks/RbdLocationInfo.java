package dev.kedge.openstack.disks;

import java.util.Optional;

/**
 * What Cinder's RBD driver tells the scheduler of its pool: {@code
 * <cluster>:<ceph.conf>:<fsid>:<user>:<pool>} (cinder/volume/drivers/rbd.py, _update_volume_stats).
 */
record RbdLocationInfo(String fsid, String pool) {
  private static final int FIELDS = 5;

  /** Empty where the text is something else. */
  static Optional<RbdLocationInfo> parse(String text) {
    String[] fields = text.split(":", -1);
    return fields.length == FIELDS && !fields[2].isEmpty() && !fields[4].isEmpty()
        ? Optional.of(new RbdLocationInfo(fields[2], fields[4]))
        : Optional.empty();
  }
}
