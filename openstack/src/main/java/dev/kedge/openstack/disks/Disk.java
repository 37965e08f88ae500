package dev.kedge.openstack.disks;

import dev.kedge.engine.RbdLocation;
import org.jspecify.annotations.Nullable;

/** A disk of a server, and where it lies. */
public sealed interface Disk {
  /** What it is to OpenStack. */
  DiskSource source();

  /** Whether the server boots from it. */
  boolean boot();

  /**
   * A disk on an RBD image, which exists.
   *
   * @param cluster its name in kedge.yaml
   */
  record CephDisk(DiskSource source, boolean boot, String cluster, RbdLocation location)
      implements Disk {
    /** Where Barbican keeps the disk's key; null: not encrypted, or Cinder does not say. */
    public @Nullable String encryptionKeyId() {
      return source instanceof DiskSource.CinderVolume volume
          ? volume.volume().encryptionKeyId()
          : null;
    }
  }

  /**
   * A disk that is on no RBD image which Kedge knows.
   *
   * @param reason for the user: why, and the way out
   */
  record DiskNotOnCeph(DiskSource source, boolean boot, String reason) implements Disk {}
}
