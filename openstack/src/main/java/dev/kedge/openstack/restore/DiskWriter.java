package dev.kedge.openstack.restore;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.restore.Restore;
import dev.kedge.engine.restore.RestoreDestination;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.Repository;
import java.io.OutputStream;
import java.nio.channels.Channels;

/** Writes the content of a disk's restore point onto an image that OpenStack made. One thread. */
final class DiskWriter {
  private final Repository repository;
  private final CephClusters clusters;
  private final Progress progress;
  private final CancelToken cancel;

  DiskWriter(Repository repository, CephClusters clusters, Progress progress, CancelToken cancel) {
    this.repository = repository;
    this.clusters = clusters;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Writes it; may be repeated.
   *
   * @param cluster the image's, as kedge.yaml calls it
   * @param sizeBytes what OpenStack takes the image's size for; at least the disk's
   */
  void write(InstanceDisk.Kept kept, String cluster, RbdLocation location, long sizeBytes) {
    new Restore(
            repository.image(kept.image()), kept.point(), repository.readers(), progress, cancel)
        .run(
            new RestoreDestination.Rbd(location),
            true,
            () -> clusters.cluster(cluster),
            Channels.newChannel(OutputStream.nullOutputStream()));
    // The engine gives the image the disk's size; what was made larger stays larger.
    new ImageSize(clusters.cluster(cluster), location).growTo(sizeBytes);
  }
}
