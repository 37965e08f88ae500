package dev.kedge.openstack.capture;

import dev.kedge.engine.backup.BackupResult;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.copy.Copies;
import dev.kedge.openstack.disks.Disk;
import dev.kedge.openstack.disks.DiskSource;
import dev.kedge.openstack.disks.NovaDiskKind;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.nova.VolumeAttachment;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.Manifest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The records of an instance's disks. */
final class DiskRecords {
  private DiskRecords() {}

  /**
   * A disk's record.
   *
   * @param result what became of it; empty: it was left out
   */
  static InstanceDisk of(Disk disk, Optional<BackupResult> result) {
    InstanceDisk.Content content =
        result
            .map(done -> kept(disk, done))
            .orElseGet(() -> new InstanceDisk.LeftOut(reason(disk)));
    return switch (disk.source()) {
      case DiskSource.CinderVolume(VolumeAttachment attachment, Volume volume) ->
          volume(disk, attachment, volume.encryptionKeyId(), content);
      case DiskSource.UnknownVolume(VolumeAttachment attachment) ->
          volume(disk, attachment, null, content);
      case DiskSource.NovaDisk(Server _, NovaDiskKind kind, int number) ->
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

  private static InstanceDisk.Content kept(Disk disk, BackupResult result) {
    Manifest manifest = result.manifest();
    return new InstanceDisk.Kept(
        disk instanceof Disk.CephDisk onCeph ? onCeph.cluster() : "",
        manifest.image().identity(),
        result.imageId(),
        manifest.id(),
        manifest.sizeBytes());
  }

  /** Why a disk was left out, and the way out where there is one. */
  static String reason(Disk disk) {
    if (!(disk instanceof Disk.DiskNotOnCeph other)) {
      return "it was not backed up";
    }
    return Copies.obstacle(other.source())
        .map(why -> other.reason() + "; it cannot be copied, either: " + why)
        .orElse(other.reason() + "; --non-ceph copy protects it");
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
