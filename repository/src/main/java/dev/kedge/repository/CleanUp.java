package dev.kedge.repository;

import java.util.List;

/**
 * What a clean-up did.
 *
 * @param removed the names of what was removed, for people
 * @param abandonedSnapshots the RBD snapshots of restore points that were meant and never came to
 *     be: to be deleted, then told to {@link Lease#forgetPending}
 */
public record CleanUp(List<String> removed, List<String> abandonedSnapshots) {
  /** Copies the lists. */
  public CleanUp {
    removed = List.copyOf(removed);
    abandonedSnapshots = List.copyOf(abandonedSnapshots);
  }
}
