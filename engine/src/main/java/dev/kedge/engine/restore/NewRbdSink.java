package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.ImageId;
import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import java.lang.foreign.MemorySegment;
import java.util.UUID;

/**
 * A new RBD image. It is written under a name of its own and gets the wanted one when it is whole;
 * what an interrupted restore left under such a name is removed by the next one to the same image.
 */
final class NewRbdSink implements RestoreSink {
  private static final String PARTIAL = ".kedge-partial-";
  private static final int GRANULE_BYTES = 4096;

  private final RbdPool pool;
  private final String name;
  private final String partialName;
  private final Progress progress;
  private final CancelToken cancel;
  private final RbdImage image;
  private final RbdWrites writes;
  private boolean imageClosed;
  private boolean committed;

  NewRbdSink(RbdPool pool, String name, ImageSpec spec, Progress progress, CancelToken cancel) {
    this.pool = pool;
    this.name = name;
    this.progress = progress;
    this.cancel = cancel;
    this.partialName = name + PARTIAL + UUID.randomUUID().toString().substring(0, 8);
    pool.create(partialName, spec);
    try {
      image = pool.open(partialName);
    } catch (Throwable e) {
      pool.remove(partialName);
      throw e;
    }
    writes = new RbdWrites(image);
  }

  @Override
  public int granuleBytes() {
    return GRANULE_BYTES;
  }

  @Override
  public void data(long offset, MemorySegment bytes, Runnable whenWritten) {
    writes.data(offset, bytes, whenWritten);
  }

  @Override
  public void hole(long offset, long lengthBytes) {
    // A new image reads as zeroes where nothing was written.
  }

  @Override
  public boolean settleOldest() {
    return writes.settleOldest();
  }

  @Override
  public void drain() {
    writes.drain();
  }

  @Override
  public void commit() {
    image.flush();
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
      image.close();
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
