package dev.kedge.engine.backup;

import dev.kedge.ceph.ParentImage;
import dev.kedge.ceph.RbdImage;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.Manifest;
import org.jspecify.annotations.Nullable;

/** What a manifest says of an image, read from the image. */
public final class ImageDescription {
  private ImageDescription() {}

  static Manifest.Image of(ImageIdentity identity, RbdImage image) {
    return new Manifest.Image(
        identity,
        image.id(),
        image.sizeBytes(),
        image.objectSizeBytes(),
        image.stripeUnitBytes(),
        image.stripeCount(),
        image.features(),
        image.dataPoolName(),
        cloneParent(image.parent().orElse(null)));
  }

  /** What the image is a clone of; null for nothing. */
  public static Manifest.@Nullable CloneParent cloneParent(@Nullable ParentImage parent) {
    return parent == null
        ? null
        : new Manifest.CloneParent(
            parent.pool(),
            parent.namespace(),
            parent.imageName(),
            parent.imageId(),
            parent.snapshotName(),
            parent.overlapBytes());
  }
}
