package dev.kedge.engine.restore.inplace;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdFeatures;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.restore.ImageUse;

/**
 * An image that nobody else writes to. Where it has an exclusive lock that is held until closing,
 * so that an instance which is started meanwhile does not run on a mixture.
 */
final class ExclusiveImage implements AutoCloseable {
  private static final String WAY_OUT =
      "stop its instance first, or write under its feet with --force";

  private final RbdImage image;

  private ExclusiveImage(RbdImage image) {
    this.image = image;
  }

  /**
   * Opens the image for writing.
   *
   * @param force whether to go on where another client has it open for writing
   * @throws KedgeException NOT_FOUND, or BUSY where another client has it
   */
  static ExclusiveImage open(
      RbdPool pool, RbdLocation location, boolean force, Progress progress, CancelToken cancel) {
    if (force) {
      return new ExclusiveImage(locked(pool, location));
    }
    ImageUse use = new ImageUse(pool, location, WAY_OUT);
    return new ExclusiveImage(
        use.whenFree(() -> onlyClient(pool, location, use), progress, cancel));
  }

  private static RbdImage onlyClient(RbdPool pool, RbdLocation location, ImageUse use) {
    RbdImage image = locked(pool, location);
    if (use.clients(image).size() > 1) {
      // Whoever came between the look and the opening.
      image.close();
      throw use.busy("another client");
    }
    return image;
  }

  private static RbdImage locked(RbdPool pool, RbdLocation location) {
    RbdImage image = pool.open(location.image());
    try {
      if (RbdFeatures.has(image.features(), RbdFeatures.EXCLUSIVE_LOCK)) {
        image.acquireExclusiveLock();
      }
      return image;
    } catch (KedgeException e) {
      image.close();
      // EROFS: the owner lives, and refuses.
      throw e.code() == ErrorCode.FAILED ? lockedByOther(location, e) : e;
    } catch (Throwable e) {
      image.close();
      throw e;
    }
  }

  private static KedgeException lockedByOther(RbdLocation location, KedgeException e) {
    return new KedgeException(
        ErrorCode.BUSY,
        location
            + ": its client does not give up the exclusive lock, end it first ("
            + e.getMessage()
            + ")",
        e);
  }

  RbdImage handle() {
    return image;
  }

  @Override
  public void close() {
    image.close();
  }
}
