package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdFeatures;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.repository.Manifest;
import org.jspecify.annotations.Nullable;

/** Opens the sink for an RBD image: a new one like the original, or one that is there. */
final class RbdDestinations {
  // What a client may ask for when it creates an image; the rest Ceph sets by itself.
  private static final long CREATABLE =
      RbdFeatures.LAYERING
          | RbdFeatures.STRIPINGV2
          | RbdFeatures.EXCLUSIVE_LOCK
          | RbdFeatures.OBJECT_MAP
          | RbdFeatures.FAST_DIFF
          | RbdFeatures.DEEP_FLATTEN
          | RbdFeatures.JOURNALING;

  private RbdDestinations() {}

  static RestoreSink open(
      CephCluster cluster,
      RbdPool pool,
      RbdLocation location,
      Manifest point,
      boolean overwrite,
      Progress progress,
      CancelToken cancel) {
    if (!pool.exists(location.image())) {
      return NewRbdSink.create(
          pool, location.image(), specLike(cluster, point, progress), progress, cancel);
    }
    if (!overwrite) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          location + " exists: restore to another name, or replace its content with --overwrite");
    }
    RbdImage image =
        new ImageUse(pool, location, "stop its instance first")
            .whenFree(() -> pool.open(location.image()), progress, cancel);
    return new OverwriteRbdSink(image, point);
  }

  private static ImageSpec specLike(CephCluster cluster, Manifest point, Progress progress) {
    Manifest.Image image = point.image();
    boolean striped = image.stripeCount() > 1 || image.stripeUnitBytes() != image.objectSizeBytes();
    return new ImageSpec(
        point.sizeBytes(),
        image.features() & CREATABLE,
        Long.numberOfTrailingZeros(image.objectSizeBytes()),
        striped ? image.stripeUnitBytes() : 0,
        striped ? image.stripeCount() : 0,
        dataPool(cluster, image.dataPool(), progress));
  }

  private static @Nullable String dataPool(
      CephCluster cluster, @Nullable String wanted, Progress progress) {
    if (wanted == null || cluster.poolNames().contains(wanted)) {
      return wanted;
    }
    progress.note(
        "there is no pool " + wanted + " for the data objects here: they go beside the header");
    return null;
  }
}
