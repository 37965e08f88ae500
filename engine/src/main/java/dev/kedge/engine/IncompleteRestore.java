package dev.kedge.engine;

import dev.kedge.ceph.RbdImage;
import java.util.Optional;
import java.util.UUID;

/**
 * The mark on an image that a restore is overwriting: its content is a mixture until the restore is
 * run again. Kept as image metadata, so that it outlives the process.
 */
public final class IncompleteRestore {
  private static final String KEY = "kedge.incomplete_restore";
  private static final String UNDO = " undo ";

  private IncompleteRestore() {}

  /** Marks an image with the restore point that is being written onto it. */
  public static void mark(RbdImage image, String restorePoint) {
    image.setMetadata(KEY, restorePoint);
  }

  /** The same where the state before can be gone back to: also names that one. */
  public static void mark(RbdImage image, UUID restorePoint, UUID undoPoint) {
    image.setMetadata(KEY, restorePoint + UNDO + undoPoint);
  }

  /** Takes the mark away; does nothing where there is none. */
  public static void clear(RbdImage image) {
    if (image.metadata(KEY).isPresent()) {
      image.removeMetadata(KEY);
    }
  }

  /** The restore point that was being written when the restore was interrupted. */
  public static Optional<String> of(RbdImage image) {
    return image.metadata(KEY).map(mark -> mark.split(UNDO, 2)[0]);
  }

  /** Whether a restore was interrupted before which the image was as this undo point has it. */
  public static boolean canUndo(RbdImage image, UUID undoPoint) {
    return image.metadata(KEY).filter(mark -> mark.endsWith(UNDO + undoPoint)).isPresent();
  }
}
