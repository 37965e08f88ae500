package dev.kedge.engine.retention;

import java.util.List;
import java.util.UUID;

/**
 * A merge that was done.
 *
 * @param child whose file stands for the others, too
 * @param retired what is gone
 * @param inPlace whether a file was lengthened; else one was written anew
 * @param writtenBytes what was written to the target
 * @param freedBytes the space that the files took before, without what they take now; negative
 *     where space could not be given back
 * @param notes what the user should know though all is well
 */
public record MergeResult(
    UUID child,
    List<UUID> retired,
    boolean inPlace,
    long writtenBytes,
    long freedBytes,
    List<String> notes) {
  /** Copies the lists. */
  public MergeResult {
    retired = List.copyOf(retired);
    notes = List.copyOf(notes);
  }
}
