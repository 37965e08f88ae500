package dev.kedge.openstack.restore.plan;

/** Where something that an instance needs comes from. */
public sealed interface Choice {
  /** In a plan's file: made like the original. */
  String CREATE = "create";

  /** In a plan's file: left out. */
  String NONE = "none";

  /** Made like the original. */
  record Create() implements Choice {
    @Override
    public String toString() {
      return CREATE;
    }
  }

  /** Something that is there, by id or name. */
  record Use(String nameOrId) implements Choice {
    @Override
    public String toString() {
      return nameOrId;
    }
  }

  /** Left out. */
  record Leave() implements Choice {
    @Override
    public String toString() {
      return NONE;
    }
  }

  /** Reads what {@code toString} wrote. */
  static Choice parse(String text) {
    return switch (text) {
      case CREATE -> new Create();
      case NONE -> new Leave();
      default -> new Use(text);
    };
  }

  /** Something that is there. */
  static Choice use(String nameOrId) {
    return new Use(nameOrId);
  }

  /** Made like the original. */
  static Choice create() {
    return new Create();
  }

  /** Left out. */
  static Choice leave() {
    return new Leave();
  }

  /** Whether it is made. */
  default boolean isCreate() {
    return this instanceof Create;
  }

  /** Whether it is left out. */
  default boolean isLeave() {
    return this instanceof Leave;
  }
}
