package dev.kedge.openstack.copy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.backup.StreamSource;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Snapshot;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeSpec;
import dev.kedge.openstack.client.Creation;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.glance.Image;
import dev.kedge.repository.ImageIdentity;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A volume that is not on Ceph, whatever it is on: Cinder snapshots it, makes a temporary volume of
 * the snapshot and a raw image of that, which is downloaded. All of it is in the project of the
 * cloud's user, who also needs the quota. For one thread at a time.
 */
public final class VolumeCopy implements StreamSource {
  private static final String DESCRIPTION =
      "Kedge's, for a backup that runs; 'kedge instance clean-up' removes what a killed one left";
  private static final Duration COPY_PATIENCE = Duration.ofHours(24);
  private static final Duration CLEAN_UP_PATIENCE = Duration.ofMinutes(5);
  private static final Duration DOWNLOAD_PATIENCE = Duration.ofMinutes(5);

  private final OpenStack cloud;
  private final ImageIdentity identity;
  private final String volumeId;
  private final Clock clock;
  private final CancelToken cancel;
  private final Waiter waiter;
  private final TemporaryObjects temporary;

  /**
   * A volume.
   *
   * @param progress told what Cinder is at
   */
  public VolumeCopy(
      OpenStack cloud,
      String volumeId,
      Clock clock,
      Consumer<String> progress,
      CancelToken cancel) {
    this.cloud = cloud;
    this.identity = ImageIdentity.ofVolume(volumeId);
    this.volumeId = volumeId;
    this.clock = clock;
    this.cancel = cancel;
    this.waiter = new Waiter(COPY_PATIENCE, cancel, progress);
    // A wish to stop ends the copy, not its clean-up.
    this.temporary =
        new TemporaryObjects(cloud, new Waiter(CLEAN_UP_PATIENCE, new CancelToken(), progress));
  }

  /** Why a volume cannot be copied; empty: it can. */
  public static Optional<String> obstacle(Volume volume) {
    return volume.encrypted()
        ? Optional.of("it is encrypted, and its image in Glance would need a key of its own")
        : Optional.empty();
  }

  @Override
  public ImageIdentity identity() {
    return identity;
  }

  @Override
  public Instant takeSnapshot(String name) {
    Instant asked = clock.instant();
    Snapshot made =
        Creation.once(
            () -> temporary.snapshot(name),
            () -> cloud.cinder().createSnapshot(volumeId, name, Map.of()));
    waiter.until(
        "Cinder's snapshot of volume " + volumeId,
        () -> cloud.cinder().snapshots().get(made.id()),
        Snapshot::state,
        Set.of("available"));
    return asked;
  }

  @Override
  public Content open(String name) {
    Image image = image(name);
    try {
      temporary.removeFromCinder(name);
    } catch (KedgeException e) {
      // The backup's end removes it, or says that it could not.
      cancel.check();
    }
    return new ImageContent(
        image, new ResumingDownload(image.sizeBytes(), offset -> download(image, offset)));
  }

  private InputStream download(Image image, long offset) {
    return new WatchedStream(
        cloud.glance().download(image.id(), offset), DOWNLOAD_PATIENCE, cancel);
  }

  private Image image(String name) {
    Volume copy = volume(name);
    String imageId =
        Creation.once(
            () -> temporary.image(name).map(Image::id),
            () -> cloud.cinder().uploadToImage(copy.id(), name));
    awaitAvailable(copy);
    Image image = cloud.glance().images().get(imageId);
    if (!image.status().equals("active")) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "Cinder did not upload a copy of volume %s, its image is %s: Cinder's log says why"
              .formatted(volumeId, image.status()));
    }
    return image;
  }

  private Volume volume(String name) {
    Snapshot snapshot =
        temporary
            .snapshot(name)
            .orElseThrow(() ->
                new KedgeException(
                    ErrorCode.FAILED,
                    "somebody removed Cinder's snapshot " + name + ": try again"));
    Volume original = cloud.cinder().volumes().get(volumeId);
    VolumeSpec spec =
        new VolumeSpec(
            name,
            DESCRIPTION,
            snapshot.sizeGib(),
            // The snapshot's own.
            null,
            original.availabilityZone(),
            Map.of(),
            null,
            snapshot.id());
    Volume made = Creation.once(() -> temporary.volume(name), () -> cloud.cinder().create(spec));
    awaitAvailable(made);
    return made;
  }

  private void awaitAvailable(Volume volume) {
    waiter.until(
        "the copy of volume " + volumeId,
        () -> cloud.cinder().volumes().get(volume.id()),
        Volume::state,
        Set.of("available"));
  }

  @Override
  public void remove(String name) {
    temporary.remove(name);
  }
}
