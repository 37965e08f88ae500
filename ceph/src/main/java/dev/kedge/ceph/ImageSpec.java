package dev.kedge.ceph;

import org.jspecify.annotations.Nullable;

/**
 * An image to create. 0 or null stands for the cluster's default.
 *
 * @param features bits of {@link RbdFeatures}
 * @param order log2 of the object size in bytes
 * @param stripeUnitBytes together with stripeCount
 * @param dataPool where the data objects go, if not beside the header
 */
public record ImageSpec(
    long sizeBytes,
    long features,
    int order,
    long stripeUnitBytes,
    long stripeCount,
    @Nullable String dataPool) {

  /** An image with the cluster's defaults. */
  public static ImageSpec ofSize(long sizeBytes) {
    return new ImageSpec(sizeBytes, 0, 0, 0, 0, null);
  }

  /** The same with these features. */
  public ImageSpec withFeatures(long bits) {
    return new ImageSpec(sizeBytes, bits, order, stripeUnitBytes, stripeCount, dataPool);
  }

  /** The same with objects of 2^log2 bytes. */
  public ImageSpec withOrder(int log2) {
    return new ImageSpec(sizeBytes, features, log2, stripeUnitBytes, stripeCount, dataPool);
  }

  /** The same with fancy striping. */
  public ImageSpec withStriping(long unitBytes, long count) {
    return new ImageSpec(sizeBytes, features, order, unitBytes, count, dataPool);
  }

  /** The same with its data in another pool. */
  public ImageSpec withDataPool(String pool) {
    return new ImageSpec(sizeBytes, features, order, stripeUnitBytes, stripeCount, pool);
  }
}
