package dev.kedge.engine.retention;

import java.util.List;
import java.util.UUID;

/**
 * What became, or would become, of restore points that were not wanted any more.
 *
 * @param deleted gone with their files
 * @param retired gone for users; layers until they are merged
 * @param merges files that stand for retired layers, too
 * @param waiting retired layers that stay for now
 * @param writtenBytes what was written to the target
 * @param freedBytes the space that the files took before, without what they take now
 * @param notes what the user should know though all is well
 */
public record ExpiryResult(
    List<UUID> deleted,
    List<UUID> retired,
    List<MergeResult> merges,
    List<UUID> waiting,
    long writtenBytes,
    long freedBytes,
    List<String> notes) {
  /** Copies the lists. */
  public ExpiryResult {
    deleted = List.copyOf(deleted);
    retired = List.copyOf(retired);
    merges = List.copyOf(merges);
    waiting = List.copyOf(waiting);
    notes = List.copyOf(notes);
  }
}
