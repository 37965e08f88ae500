package dev.kedge.openstack.cleanup;

/**
 * Something that was left behind.
 *
 * @param object what it is, for people
 * @param detail why
 */
public record Leftover(String object, Fate fate, String detail) {
  /** What becomes of it. */
  public enum Fate {
    /** It is gone. */
    REMOVED,
    /** It would go, were this no dry run. */
    REMOVABLE,
    /** It should go and could not. */
    LEFT,
    /** Whether it is left behind cannot be told, so it stays. */
    UNKNOWN
  }
}
