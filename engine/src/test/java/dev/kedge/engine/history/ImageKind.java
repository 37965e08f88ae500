package dev.kedge.engine.history;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdFeatures;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.testing.LabCeph;

/** The kinds of images whose past is told. Objects are small, so that an image has many. */
enum ImageKind {
  /** What Ceph makes by default. */
  PLAIN(ImageSpec.ofSize(8 * Sizes.MIB).withFeatures(Sizes.USUAL).withOrder(16)),
  /** Without object map, thus without fast-diff. */
  LAYERING_ONLY(ImageSpec.ofSize(8 * Sizes.MIB).withFeatures(RbdFeatures.LAYERING).withOrder(15)),
  /** With a journal. */
  JOURNALED(
      ImageSpec.ofSize(6 * Sizes.MIB)
          .withFeatures(Sizes.USUAL | RbdFeatures.JOURNALING)
          .withOrder(17)),
  /** With stripes of 16 KiB over four objects. */
  STRIPED(
      ImageSpec.ofSize(8 * Sizes.MIB)
          .withFeatures(Sizes.USUAL | RbdFeatures.STRIPINGV2)
          .withOrder(16)
          .withStriping(16 << 10, 4)),
  /** With stripes of whole objects, so that one object of a set can go alone. */
  STRIPED_BY_OBJECTS(
      ImageSpec.ofSize(8 * Sizes.MIB)
          .withFeatures(Sizes.USUAL | RbdFeatures.STRIPINGV2)
          .withOrder(16)
          .withStriping(64 << 10, 4)),
  /** Striped, without object map. */
  STRIPED_WITHOUT_OBJECT_MAP(
      ImageSpec.ofSize(4 * Sizes.MIB)
          .withFeatures(RbdFeatures.LAYERING | RbdFeatures.STRIPINGV2)
          .withOrder(16)
          .withStriping(8 << 10, 3)),
  /** With its data objects in an erasure coded pool. */
  ERASURE_CODED(
      ImageSpec.ofSize(8 * Sizes.MIB)
          .withFeatures(Sizes.USUAL)
          .withOrder(18)
          .withDataPool(Sizes.EC_POOL)),
  /** In a namespace. */
  NAMESPACED(ImageSpec.ofSize(6 * Sizes.MIB).withFeatures(Sizes.USUAL).withOrder(16)),
  /** Of sizes that nothing divides. */
  ODD_SIZED(ImageSpec.ofSize(3 * Sizes.MIB + 77).withFeatures(Sizes.USUAL).withOrder(16)),
  /** Of sizes that nothing divides, without object map. */
  ODD_SIZED_WITHOUT_OBJECT_MAP(
      ImageSpec.ofSize(2 * Sizes.MIB + 5000).withFeatures(RbdFeatures.LAYERING).withOrder(15)),
  /** Whose object map comes, goes, and is wrong at times. */
  TOGGLED(ImageSpec.ofSize(6 * Sizes.MIB).withFeatures(Sizes.USUAL).withOrder(16)),
  /** With objects of 4 MiB, which everybody has. */
  LARGE_OBJECTS(ImageSpec.ofSize(24 * Sizes.MIB + 4096).withFeatures(Sizes.USUAL).withOrder(22)),
  /** With objects of 16 MiB. */
  HUGE_OBJECTS(ImageSpec.ofSize(40 * Sizes.MIB).withFeatures(Sizes.USUAL).withOrder(24)),
  /** A clone with everything that Ceph gives it by default. */
  CLONE(ImageSpec.ofSize(6 * Sizes.MIB).withFeatures(Sizes.USUAL).withOrder(16)),
  /** A clone whose snapshots keep their parent when it is flattened. */
  CLONE_WITHOUT_DEEP_FLATTEN(
      ImageSpec.ofSize(6 * Sizes.MIB)
          .withFeatures(Sizes.USUAL & ~RbdFeatures.DEEP_FLATTEN)
          .withOrder(16)),
  /** A clone without object map. */
  CLONE_LAYERING_ONLY(
      ImageSpec.ofSize(5 * Sizes.MIB).withFeatures(RbdFeatures.LAYERING).withOrder(15)),
  /** A clone of a clone. */
  CLONE_OF_CLONE(ImageSpec.ofSize(5 * Sizes.MIB).withFeatures(Sizes.USUAL).withOrder(16));

  private static final class Sizes {
    static final long MIB = 1 << 20;
    static final String EC_POOL = "kedge-test-ec";
    static final long USUAL =
        RbdFeatures.LAYERING
            | RbdFeatures.EXCLUSIVE_LOCK
            | RbdFeatures.OBJECT_MAP
            | RbdFeatures.FAST_DIFF
            | RbdFeatures.DEEP_FLATTEN;
  }

  private static final String NAMESPACE = "kedge-test";

  @SuppressWarnings("ImmutableEnumChecker") // a record of numbers and a name does not change
  private final ImageSpec spec;

  ImageKind(ImageSpec spec) {
    this.spec = spec;
  }

  /** What an image of the kind is created with, or its parent. */
  ImageSpec spec() {
    return spec;
  }

  boolean isClone() {
    return name().startsWith("CLONE");
  }

  boolean isOddSized() {
    return name().startsWith("ODD");
  }

  /** Makes the pools that the kind needs, and opens the one of the image. */
  RbdPool openPool(LabCeph lab) {
    if (this == ERASURE_CODED && !lab.cluster().poolNames().contains(Sizes.EC_POOL)) {
      lab.ceph("osd", "pool", "create", Sizes.EC_POOL, "8", "8", "erasure");
      lab.ceph("osd", "pool", "set", Sizes.EC_POOL, "allow_ec_overwrites", "true");
      lab.ceph("osd", "pool", "application", "enable", Sizes.EC_POOL, "rbd");
    }
    if (this != NAMESPACED) {
      return lab.cluster().openPool(LabCeph.POOL, "");
    }
    if (!lab.pool().namespaces().contains(NAMESPACE)) {
      lab.pool().createNamespace(NAMESPACE);
    }
    return lab.cluster().openPool(LabCeph.POOL, NAMESPACE);
  }
}
