package dev.kedge.openstack.restore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that a restore made, or was about to make.
 *
 * @param original the id of what it stands for
 * @param name its name in the cloud
 * @param id null: whether it was made, nobody knows yet
 * @param others what had its name before, where only this tells it from them
 */
public record Made(
    ResourceKind kind, String original, String name, @Nullable String id, List<String> others) {
  /** Copies the list. */
  public Made {
    others = List.copyOf(others);
  }

  Made withId(String known) {
    return new Made(kind, original, name, known, others);
  }

  /** For messages. */
  public String label() {
    return kind.label() + " " + name + (id == null ? "" : " (" + id + ")");
  }
}
