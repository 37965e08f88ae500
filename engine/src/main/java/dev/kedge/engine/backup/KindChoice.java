package dev.kedge.engine.backup;

import dev.kedge.repository.Manifest;
import java.util.Optional;

/** Which backup comes, and why. */
sealed interface KindChoice {
  /** Why it is this one, for people. */
  String reason();

  /** The restore point that the new one is an increment to. */
  default Optional<Manifest> parent() {
    return Optional.empty();
  }

  /** What the manifest calls it. */
  default Manifest.Kind kind() {
    return switch (this) {
      case Full full -> Manifest.Kind.FULL;
      case Incremental incremental -> Manifest.Kind.INCREMENTAL;
      case Rebased rebased -> Manifest.Kind.REBASED;
    };
  }

  /** Everything is read and stored. */
  record Full(String reason) implements KindChoice {}

  /**
   * What changed since the parent's snapshot is read and stored.
   *
   * @param olderRemoved whether an older snapshot went just now: somebody may have rolled back to
   *     it before
   */
  record Incremental(Manifest base, String fromSnapshot, boolean olderRemoved)
      implements KindChoice {
    @Override
    public String reason() {
      return "the snapshot of the latest restore point is there";
    }

    @Override
    public Optional<Manifest> parent() {
      return Optional.of(base);
    }

    /** The same parent without its snapshot. */
    Rebased rebased(String why) {
      return new Rebased(base, why);
    }
  }

  /** Everything is read; what differs from the parent is stored. */
  record Rebased(Manifest base, String reason) implements KindChoice {
    @Override
    public Optional<Manifest> parent() {
      return Optional.of(base);
    }
  }
}
