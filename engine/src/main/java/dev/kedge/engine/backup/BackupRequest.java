package dev.kedge.engine.backup;

import dev.kedge.engine.RbdLocation;

/**
 * What to back up, and how.
 *
 * @param retainSnapshot whether the image keeps the new snapshot, from which the next increment
 *     starts; without it everything is read the next time
 */
public record BackupRequest(RbdLocation image, LayerOptions layer, boolean retainSnapshot) {
  /** A backup whose snapshot stays, as usual. */
  public BackupRequest(RbdLocation image, LayerOptions layer) {
    this(image, layer, true);
  }
}
