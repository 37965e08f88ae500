package dev.kedge.engine.backup;

import dev.kedge.engine.RbdLocation;
import org.jspecify.annotations.Nullable;

/**
 * What to back up, and how.
 *
 * @param movedFrom what the image was called before, where its backups are to go on with those
 *     under that name; null: the image tells, or it is not known
 * @param retainSnapshot whether the image keeps the new snapshot, from which the next increment
 *     starts; without it everything is read the next time
 */
public record BackupRequest(
    RbdLocation image,
    LayerOptions layer,
    boolean retainSnapshot,
    @Nullable RbdLocation movedFrom) {
  /** A backup of an image that was not moved, or shows it. */
  public BackupRequest(RbdLocation image, LayerOptions layer, boolean retainSnapshot) {
    this(image, layer, retainSnapshot, null);
  }

  /** A backup whose snapshot stays, as usual. */
  public BackupRequest(RbdLocation image, LayerOptions layer) {
    this(image, layer, true);
  }
}
