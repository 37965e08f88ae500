package dev.kedge.openstack.copy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.backup.StreamSource;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeSpec;
import dev.kedge.openstack.client.Creation;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.glance.Image;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

/** The steps of all copies: temporary volume → raw image → stream. One thread at a time. */
final class CopySteps {
  static final String DESCRIPTION =
      "Kedge's, for a backup that runs; 'kedge instance clean-up' removes what a killed one left";
  private static final Duration COPY_PATIENCE = Duration.ofHours(24);
  private static final Duration CLEAN_UP_PATIENCE = Duration.ofMinutes(5);
  private static final Duration DOWNLOAD_PATIENCE = Duration.ofMinutes(5);

  private final OpenStack cloud;
  private final String copied;
  private final CancelToken cancel;
  private final Waiter waiter;
  private final TemporaryObjects temporary;

  /**
   * For one disk.
   *
   * @param copied the disk, for messages
   * @param progress told what the cloud is at
   */
  CopySteps(OpenStack cloud, String copied, Consumer<String> progress, CancelToken cancel) {
    this.cloud = cloud;
    this.copied = copied;
    this.cancel = cancel;
    this.waiter = new Waiter(COPY_PATIENCE, cancel, progress);
    // A wish to stop ends the copy, not its clean-up.
    this.temporary =
        new TemporaryObjects(cloud, new Waiter(CLEAN_UP_PATIENCE, new CancelToken(), progress));
  }

  Waiter waiter() {
    return waiter;
  }

  TemporaryObjects temporary() {
    return temporary;
  }

  /** A temporary volume, when it has its content. */
  Volume make(VolumeSpec spec) {
    Volume made =
        Creation.once(() -> temporary.volume(spec.name()), () -> cloud.cinder().create(spec));
    return awaitAvailable(made);
  }

  /** A raw image of a temporary volume, when it is whole. */
  Image upload(Volume copy, String name) {
    String imageId =
        Creation.once(
            () -> temporary.image(name).map(Image::id),
            () -> cloud.cinder().uploadToImage(copy.id(), name));
    awaitAvailable(copy);
    Image image = cloud.glance().images().get(imageId);
    if (!image.status().equals("active")) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "Cinder did not upload a copy of %s, its image is %s: Cinder's log says why"
              .formatted(copied, image.status()));
    }
    return image;
  }

  /** Opens a raw image; what else has the name goes before, as far as it can. */
  StreamSource.Content open(String name, Image raw) {
    try {
      temporary.removeFromCinder(name);
    } catch (KedgeException e) {
      // The backup's end removes it, or says that it could not.
      cancel.check();
    }
    return new ImageContent(
        raw, new ResumingDownload(raw.sizeBytes(), offset -> download(raw, offset)));
  }

  private InputStream download(Image image, long offset) {
    return new WatchedStream(
        cloud.glance().download(image.id(), offset), DOWNLOAD_PATIENCE, cancel);
  }

  private Volume awaitAvailable(Volume volume) {
    return waiter.until(
        "the copy of " + copied,
        () -> cloud.cinder().volumes().get(volume.id()),
        Volume::state,
        Set.of("available"));
  }
}
