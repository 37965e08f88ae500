package dev.kedge.openstack.capture;

import dev.kedge.engine.backup.BackupResult;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.disks.Disk;
import dev.kedge.openstack.disks.DiskSource;
import dev.kedge.openstack.disks.NovaDiskKind;
import dev.kedge.openstack.nova.VolumeAttachment;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.Manifest;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The records of an instance's disks. */
final class DiskRecords {
  private DiskRecords() {}

  /** A disk's record; {@code results} knows what became of those on Ceph. */
  static InstanceDisk of(Disk disk, Function<Disk.CephDisk, BackupResult> results) {
    InstanceDisk.Content content =
        switch (disk) {
          case Disk.CephDisk onCeph -> kept(onCeph, results.apply(onCeph).manifest());
          case Disk.DiskNotOnCeph other -> new InstanceDisk.LeftOut(other.reason());
        };
    return switch (disk.source()) {
      case DiskSource.CinderVolume(VolumeAttachment attachment, Volume volume) ->
          volume(disk, attachment, volume.encryptionKeyId(), content);
      case DiskSource.UnknownVolume(VolumeAttachment attachment) ->
          volume(disk, attachment, null, content);
      case DiskSource.NovaDisk(NovaDiskKind kind, int number) ->
          new InstanceDisk(role(kind), number, disk.boot(), null, null, true, null, null, content);
    };
  }

  private static InstanceDisk volume(
      Disk disk,
      VolumeAttachment attachment,
      @Nullable String encryptionKeyId,
      InstanceDisk.Content content) {
    return new InstanceDisk(
        InstanceDisk.Role.VOLUME,
        0,
        disk.boot(),
        attachment.device(),
        attachment.tag(),
        attachment.deleteOnTermination(),
        attachment.volumeId(),
        encryptionKeyId,
        content);
  }

  private static InstanceDisk.Kept kept(Disk.CephDisk disk, Manifest manifest) {
    return new InstanceDisk.Kept(
        disk.cluster(), manifest.image().identity(), manifest.id(), manifest.sizeBytes());
  }

  private static InstanceDisk.Role role(NovaDiskKind kind) {
    return switch (kind) {
      case ROOT -> InstanceDisk.Role.ROOT;
      case EPHEMERAL -> InstanceDisk.Role.EPHEMERAL;
      case SWAP -> InstanceDisk.Role.SWAP;
      case CONFIG_DRIVE -> InstanceDisk.Role.CONFIG_DRIVE;
    };
  }
}
