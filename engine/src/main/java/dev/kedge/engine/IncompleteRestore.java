package dev.kedge.engine;

import dev.kedge.ceph.RbdImage;
import java.util.Optional;

/**
 * The mark on an image that a restore is overwriting: its content is a mixture until the restore is
 * run again. Kept as image metadata, so that it outlives the process.
 */
public final class IncompleteRestore {
  private static final String KEY = "kedge.incomplete_restore";

  private IncompleteRestore() {}

  /** Marks an image with the restore point that is being written onto it. */
  public static void mark(RbdImage image, String restorePoint) {
    image.setMetadata(KEY, restorePoint);
  }

  /** Takes the mark away. */
  public static void clear(RbdImage image) {
    image.removeMetadata(KEY);
  }

  /** The restore point that was being written when the restore was interrupted. */
  public static Optional<String> of(RbdImage image) {
    return image.metadata(KEY);
  }
}
