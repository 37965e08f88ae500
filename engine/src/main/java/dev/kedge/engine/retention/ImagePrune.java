package dev.kedge.engine.retention;

import dev.kedge.repository.Manifest;
import java.util.List;

/**
 * What a policy did, or would do, to the restore points of an image.
 *
 * @param verdicts each restore point as it was found, the oldest first, and why it stays
 * @param result what became of those that do not
 */
public record ImagePrune(List<RetentionPolicy.Verdict<Manifest>> verdicts, ExpiryResult result) {
  /** Copies the list. */
  public ImagePrune {
    verdicts = List.copyOf(verdicts);
  }
}
