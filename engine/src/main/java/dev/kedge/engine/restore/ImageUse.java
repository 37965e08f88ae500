package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Watcher;
import dev.kedge.engine.RbdLocation;
import java.util.List;

/** Whether others have an image open for writing. */
public final class ImageUse {
  private ImageUse() {}

  /**
   * Returns where nobody has.
   *
   * @throws KedgeException with BUSY, naming the client and the way out
   */
  public static void refuse(RbdPool pool, RbdLocation location, String wayOut) {
    try (RbdImage image = pool.openReadOnly(location.image(), null)) {
      List<Watcher> watchers = image.watchers();
      if (!watchers.isEmpty()) {
        throw busy(location, watchers.getFirst().address(), wayOut);
      }
    }
  }

  /** The failure that this client uses the image. */
  public static KedgeException busy(RbdLocation location, String client, String wayOut) {
    return new KedgeException(ErrorCode.BUSY, location + " is in use by " + client + ": " + wayOut);
  }
}
