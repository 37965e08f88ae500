package dev.kedge.openstack.disks;

import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.nova.VolumeAttachment;
import org.jspecify.annotations.Nullable;

/** What a disk is to OpenStack. */
public sealed interface DiskSource {
  /** For messages. */
  String label();

  /** A volume of Cinder's at the server. */
  record CinderVolume(VolumeAttachment attachment, Volume volume) implements DiskSource {
    @Override
    public String label() {
      return volume.label() + at(attachment.device());
    }
  }

  /** A volume of which Nova knows, but Cinder says nothing to this user. */
  record UnknownVolume(VolumeAttachment attachment) implements DiskSource {
    @Override
    public String label() {
      return "volume (" + attachment.volumeId() + ")" + at(attachment.device());
    }
  }

  /**
   * A disk that Nova made for a server.
   *
   * @param server whose
   * @param number of several of one kind, from 0
   */
  record NovaDisk(Server server, NovaDiskKind kind, int number) implements DiskSource {
    @Override
    public String label() {
      return kind.label() + (kind == NovaDiskKind.EPHEMERAL ? " " + number : "");
    }
  }

  private static String at(@Nullable String device) {
    return device == null ? "" : " at " + device;
  }
}
