package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.engine.restore.Restore;
import dev.kedge.engine.restore.RestoreDestination;
import dev.kedge.openstack.glance.Glance;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Uploads the content of a disk's restore point as a raw image, every cluster proven on the way.
 * One thread; one more writes.
 */
final class ImageUpload {
  private final Glance glance;
  private final Repository repository;
  private final Progress progress;
  private final CancelToken cancel;

  ImageUpload(Glance glance, Repository repository, Progress progress, CancelToken cancel) {
    this.glance = glance;
    this.repository = repository;
    this.progress = progress;
    this.cancel = cancel;
  }

  /** Uploads it, whole or with an exception. */
  void run(InstanceDisk.Kept kept, String imageId, Duration timeout) {
    try {
      upload(kept, imageId, timeout, Pipe.open());
    } catch (IOException e) {
      throw DataFailure.of("the upload of image " + imageId, e);
    }
  }

  private void upload(InstanceDisk.Kept kept, String imageId, Duration timeout, Pipe pipe)
      throws IOException {
    // The first failure: it makes the other side fail, too.
    AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    Thread restore =
        Thread.ofPlatform()
            .name("image-upload")
            .daemon(true)
            .start(() -> restore(kept, pipe.sink(), failure));
    try (Pipe.SourceChannel source = pipe.source()) {
      glance.upload(imageId, () -> Channels.newInputStream(source), kept.sizeBytes(), timeout);
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
    await(restore);
    RuntimeException first = failure.get();
    if (first != null) {
      throw first;
    }
  }

  private void restore(
      InstanceDisk.Kept kept,
      Pipe.SinkChannel sink,
      AtomicReference<@Nullable RuntimeException> failure) {
    // Closed early, it ends the stream early, and Glance then keeps nothing.
    try (sink) {
      try {
        new Restore(
                repository.image(kept.image()),
                kept.point(),
                Runtime.getRuntime().availableProcessors(),
                progress,
                cancel)
            .run(
                new RestoreDestination.Stream(),
                false,
                () -> {
                  throw new IllegalStateException("a stream needs no Ceph");
                },
                sink);
      } catch (RuntimeException e) {
        failure.compareAndSet(null, e);
      }
    } catch (IOException e) {
      failure.compareAndSet(null, DataFailure.of("the upload's pipe", e));
    }
  }

  private static void await(Thread restore) {
    try {
      restore.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KedgeException(ErrorCode.INTERRUPTED, "stopped while an image was uploaded", e);
    }
  }
}
