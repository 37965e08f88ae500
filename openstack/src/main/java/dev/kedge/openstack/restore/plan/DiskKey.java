package dev.kedge.openstack.restore.plan;

import dev.kedge.repository.InstanceDisk;
import java.util.Locale;
import java.util.Objects;

/**
 * What plans call a disk: {@code vda}, or {@code root}, {@code ephemeral0} where Nova says none.
 */
public final class DiskKey {
  private static final String DEVICES = "/dev/";

  private DiskKey() {}

  /** The disk's key; unique within its instance. */
  public static String of(InstanceDisk disk) {
    String device = disk.device();
    if (device != null) {
      return device.startsWith(DEVICES) ? device.substring(DEVICES.length()) : device;
    }
    return switch (disk.role()) {
      case ROOT -> "root";
      case VOLUME -> "volume-" + Objects.requireNonNullElse(disk.volumeId(), "" + disk.number());
      case EPHEMERAL, SWAP, CONFIG_DRIVE ->
          disk.role().name().toLowerCase(Locale.ROOT).replace('_', '-') + disk.number();
    };
  }
}
