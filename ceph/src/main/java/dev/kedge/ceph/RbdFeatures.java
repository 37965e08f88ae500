package dev.kedge.ceph;

/** The bits of an image's features. Source: rbd/features.h. */
public final class RbdFeatures {
  public static final long LAYERING = 1L;
  public static final long STRIPINGV2 = 1L << 1;
  public static final long EXCLUSIVE_LOCK = 1L << 2;
  public static final long OBJECT_MAP = 1L << 3;
  public static final long FAST_DIFF = 1L << 4;
  public static final long DEEP_FLATTEN = 1L << 5;
  public static final long JOURNALING = 1L << 6;
  public static final long DATA_POOL = 1L << 7;
  public static final long OPERATIONS = 1L << 8;
  public static final long MIGRATING = 1L << 9;
  public static final long NON_PRIMARY = 1L << 10;
  public static final long DIRTY_CACHE = 1L << 11;

  private RbdFeatures() {}

  /** Whether a set of features holds all of the wanted ones. */
  public static boolean has(long features, long wanted) {
    return (features & wanted) == wanted;
  }
}
