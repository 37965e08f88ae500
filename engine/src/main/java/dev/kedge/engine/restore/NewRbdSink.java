package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.ImageId;
import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import java.util.UUID;

/**
 * A new RBD image. It is written under a name of its own and gets the wanted one when it is whole;
 * what an interrupted restore left under such a name is removed by the next one to the same image.
 */
final class NewRbdSink extends RbdSink {
  private static final String PARTIAL = ".kedge-partial-";

  private final RbdPool pool;
  private final String name;
  private final String partialName;
  private final Progress progress;
  private final CancelToken cancel;
  private boolean imageClosed;
  private boolean committed;

  private NewRbdSink(
      RbdPool pool,
      String name,
      String partialName,
      RbdImage image,
      Progress progress,
      CancelToken cancel) {
    super(image);
    this.pool = pool;
    this.name = name;
    this.partialName = partialName;
    this.progress = progress;
    this.cancel = cancel;
  }

  /** Creates the image under its preliminary name. */
  static NewRbdSink create(
      RbdPool pool, String name, ImageSpec spec, Progress progress, CancelToken cancel) {
    String partialName = name + PARTIAL + UUID.randomUUID().toString().substring(0, 8);
    pool.create(partialName, spec);
    try {
      return new NewRbdSink(pool, name, partialName, pool.open(partialName), progress, cancel);
    } catch (Throwable e) {
      pool.remove(partialName);
      throw e;
    }
  }

  @Override
  public void hole(long offset, long lengthBytes) {
    // A new image reads as zeroes where nothing was written.
  }

  @Override
  public void commit() {
    image().flush();
    closeImage();
    if (pool.exists(name)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          pool.name()
              + "/"
              + name
              + " has come into being during the restore; nothing was replaced");
    }
    pool.rename(partialName, name);
    committed = true;
    removeLeftovers();
  }

  private void removeLeftovers() {
    for (ImageId other : pool.images()) {
      if (other.name().startsWith(name + PARTIAL)) {
        try {
          ClientWait.untilFree(
              () -> pool.remove(other.name()),
              other.name() + ", which an interrupted restore left",
              progress,
              cancel);
        } catch (KedgeException e) {
          // Another restore may be writing it.
          progress.note(
              "left alone "
                  + other.name()
                  + ", which another restore to "
                  + name
                  + " began: "
                  + e.getMessage());
        }
      }
    }
  }

  private void closeImage() {
    if (!imageClosed) {
      imageClosed = true;
      image().close();
    }
  }

  @Override
  public void close() {
    closeImage();
    if (!committed) {
      pool.remove(partialName);
    }
  }
}
