package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.glance.Image;
import dev.kedge.openstack.glance.ImageSpec;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.Repository;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives a volume that is not on Ceph its content through the APIs alone: a temporary raw image,
 * which Cinder writes into the volume. One thread.
 */
final class VolumeFiller {
  private static final Duration COPY_PATIENCE = Duration.ofHours(24);

  private final OpenStack cloud;
  private final Maker maker;
  private final Repository repository;
  private final Progress progress;
  private final CancelToken cancel;

  VolumeFiller(
      OpenStack cloud, Maker maker, Repository repository, Progress progress, CancelToken cancel) {
    this.cloud = cloud;
    this.maker = maker;
    this.repository = repository;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Fills it; may be repeated.
   *
   * @param volume as it shall be: only its content changes
   */
  void fill(Volume volume, InstanceDisk.Kept kept) {
    if (cloud.cinder().service().microversion().filter(v -> v.atLeast(3, 68)).isEmpty()) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s is not on Ceph, and this Cinder cannot write an image into a volume (3.68, of Yoga, can): choose a type on Ceph in a plan, or restore to a file ('kedge restore %s --to FILE.raw') and make an image and a volume of it"
              .formatted(volume.label(), kept.point()));
    }
    String name = "content of volume " + volume.id();
    maker.makeAndRemove(
        ResourceKind.IMAGE,
        name,
        name,
        mark ->
            cloud
                .glance()
                .create(new ImageSpec(name, "raw", 0, 0, List.of(), Map.of(Marks.KEY, mark)))
                .id(),
        imageId -> write(volume, kept, imageId));
  }

  private void write(Volume volume, InstanceDisk.Kept kept, String imageId) {
    Waiter waiter = new Waiter(COPY_PATIENCE, cancel, progress::note);
    new ImageUpload(cloud.glance(), repository, progress, cancel).run(kept, imageId, COPY_PATIENCE);
    waiter.until(
        "image " + imageId,
        () -> cloud.glance().images().get(imageId),
        Image::state,
        Set.of("active"));
    cloud.cinder().reimage(volume.id(), imageId);
    waiter.until(
        volume.label(),
        () -> cloud.cinder().volumes().get(volume.id()),
        Volume::state,
        Set.of("available"));
    giveBackProperties(volume);
  }

  /** Cinder took over the image's. */
  private void giveBackProperties(Volume volume) {
    Volume now = cloud.cinder().volumes().get(volume.id());
    cloud
        .cinder()
        .unsetImageMetadata(
            volume.id(),
            now.imageMetadata().keySet().stream()
                .filter(key -> !volume.imageMetadata().containsKey(key))
                .toList());
    if (!volume.imageMetadata().isEmpty()) {
      cloud.cinder().setImageMetadata(volume.id(), volume.imageMetadata());
    }
    cloud.cinder().setBootable(volume.id(), volume.bootable());
  }
}
