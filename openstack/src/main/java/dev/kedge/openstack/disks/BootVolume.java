package dev.kedge.openstack.disks;

import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.nova.VolumeAttachment;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The order of a server's volumes, and which of them it boots from. Nova does not give away the
 * boot index: what counts is the name of the root device, which operators see, else the first
 * bootable volume in the order of the devices.
 */
final class BootVolume {
  /** {@code /dev/vdz} comes before {@code /dev/vdaa}. */
  private static final Comparator<VolumeAttachment> BY_DEVICE =
      Comparator.<VolumeAttachment>comparingInt(a -> device(a).length())
          .thenComparing(BootVolume::device);

  private BootVolume() {}

  private static String device(VolumeAttachment attachment) {
    String device = attachment.device();
    return device == null ? "" : device;
  }

  /** In the order of the devices; those without one last, as Nova lists them. */
  static List<VolumeAttachment> sorted(List<VolumeAttachment> attachments) {
    return attachments.stream()
        .sorted(
            Comparator.<VolumeAttachment, Boolean>comparing(a -> a.device() == null)
                .thenComparing(BY_DEVICE))
        .toList();
  }

  /** Null where the server boots from a disk of Nova's, or there is no volume. */
  static @Nullable String idOf(
      Server server, List<VolumeAttachment> sorted, Predicate<VolumeAttachment> bootable) {
    if (server.imageId() != null) {
      return null;
    }
    Optional<VolumeAttachment> named =
        sorted.stream()
            .filter(a -> a.device() != null && a.device().equals(server.rootDeviceName()))
            .findFirst();
    return named
        .or(() -> sorted.stream().filter(bootable).findFirst())
        .or(() -> sorted.stream().findFirst())
        .map(VolumeAttachment::volumeId)
        .orElse(null);
  }
}
