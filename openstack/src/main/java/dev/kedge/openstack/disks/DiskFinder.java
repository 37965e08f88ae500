package dev.kedge.openstack.disks;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Cinder;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.nova.Nova;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.nova.VolumeAttachment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds every disk of servers: volumes, and what Nova made itself. A disk that is not on Ceph is in
 * the result with the reason; none is left out silently. For one thread; a finder remembers what it
 * learnt of volumes, so make one for each task.
 */
public final class DiskFinder {
  private final Nova nova;
  private final Cinder cinder;
  private final VolumeLocator locator;
  private final NovaDiskFinder novaDisks;
  private final Map<String, Optional<Volume>> volumes = new HashMap<>();

  /** Finds disks of that cloud on those clusters, which are the configuration's. */
  public DiskFinder(OpenStack cloud, KedgeConfig config, CephClusters clusters) {
    this.nova = cloud.nova();
    this.cinder = cloud.cinder();
    this.locator = new VolumeLocator(cinder, config, clusters);
    this.novaDisks = new NovaDiskFinder(config, clusters);
  }

  /**
   * The disks of servers.
   *
   * @throws dev.kedge.base.KedgeException where an API or a cluster does not answer
   */
  public FoundDisks find(List<Server> servers) {
    return new FoundDisks(servers.stream().map(this::find).toList());
  }

  /** The disks of one server, the one that it boots from first. */
  public ServerDisks find(Server server) {
    List<VolumeAttachment> attachments = BootVolume.sorted(nova.volumeAttachments(server.id()));
    String bootId = BootVolume.idOf(server, attachments, this::isBootable);
    List<Disk> disks = new ArrayList<>(novaDisks.find(server));
    for (VolumeAttachment attachment : attachments) {
      disks.add(disk(attachment, attachment.volumeId().equals(bootId)));
    }
    disks.sort(Comparator.comparing(disk -> !disk.boot()));
    return new ServerDisks(server, disks);
  }

  private boolean isBootable(VolumeAttachment attachment) {
    return volume(attachment).map(Volume::bootable).orElse(false);
  }

  private Optional<Volume> volume(VolumeAttachment attachment) {
    return volumes.computeIfAbsent(attachment.volumeId(), id -> cinder.volumes().find(id));
  }

  private Disk disk(VolumeAttachment attachment, boolean boot) {
    Optional<Volume> volume = volume(attachment);
    if (volume.isEmpty()) {
      return new Disk.DiskNotOnCeph(
          new DiskSource.UnknownVolume(attachment),
          boot,
          "Cinder does not show it to this user: use an operator's account");
    }
    DiskSource source = new DiskSource.CinderVolume(attachment, volume.get());
    return switch (locator.locate(volume.get())) {
      case VolumePlace.Elsewhere(var reason) -> new Disk.DiskNotOnCeph(source, boot, reason);
      case VolumePlace.OnCeph(var cluster, var image) ->
          new Disk.CephDisk(source, boot, cluster, image);
    };
  }
}
