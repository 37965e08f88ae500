package dev.kedge.openstack.restore.plan;

import java.util.Locale;

/**
 * One thing that a restore will do, or cannot do.
 *
 * @param what the object: {@code volume data (10 GiB, type ceph)}
 * @param detail how or why; may be empty
 */
public record PlanLine(Kind kind, String what, String detail) {
  /** What happens to it. */
  public enum Kind {
    /** It is made. */
    CREATE,
    /** It is there and is used. */
    REUSE,
    /** It is left out. */
    LEAVE,
    /** It cannot work. */
    PROBLEM;

    /** The word for people and JSON. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public String toString() {
    return what + (detail.isEmpty() ? "" : ": " + detail);
  }
}
