package dev.kedge.openstack.restore;

import org.jspecify.annotations.Nullable;

/**
 * Something that a restore made, or was about to make.
 *
 * @param original the id of what it stands for
 * @param name its name in the cloud
 * @param id null: whether it was made, nobody knows yet
 */
public record Made(ResourceKind kind, String original, String name, @Nullable String id) {
  /** For messages. */
  public String label() {
    return kind.label() + " " + name + (id == null ? "" : " (" + id + ")");
  }
}
