package dev.kedge.openstack.cloud;

/** How Keystone is told which user, project or domain is meant: {@code id} or {@code name}. */
public record Reference(Kind kind, String value) {
  /** By what. */
  public enum Kind {
    /** A name; unique within its domain. */
    NAME("name"),
    /** An id; unique. */
    ID("id");

    private final String field;

    Kind(String field) {
      this.field = field;
    }

    /** The JSON field. */
    public String field() {
      return field;
    }
  }

  /** By name. */
  public static Reference name(String name) {
    return new Reference(Kind.NAME, name);
  }

  /** By id. */
  public static Reference id(String id) {
    return new Reference(Kind.ID, id);
  }

  @Override
  public String toString() {
    return value;
  }
}
