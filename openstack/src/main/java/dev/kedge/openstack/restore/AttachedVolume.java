package dev.kedge.openstack.restore;

import dev.kedge.repository.InstanceDisk;

/** A volume that was made for a disk. */
record AttachedVolume(String volumeId, InstanceDisk disk, InstanceDisk.Kept kept) {}
