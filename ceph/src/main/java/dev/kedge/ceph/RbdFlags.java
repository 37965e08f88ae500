package dev.kedge.ceph;

/** The bits of an image's flags. Source: rbd/librbd.h. */
public final class RbdFlags {
  /** The object map does not tell which objects exist. */
  public static final long OBJECT_MAP_INVALID = 1L;

  /** The object map does not tell which objects changed. */
  public static final long FAST_DIFF_INVALID = 1L << 1;

  private RbdFlags() {}
}
