package dev.kedge.openstack.restore.plan;

/** The tag at what was made again in place of something, so that later restores use it. */
public final class OriginTag {
  private static final String PREFIX = "kedge:was=";

  private OriginTag() {}

  /** The tag for an original's id. */
  public static String of(String originalId) {
    return PREFIX + originalId;
  }
}
