package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Restores one restore point of an image. Every cluster is proven by its checksum on the way; the
 * destination gets its name when it is whole. One use, one thread.
 */
public final class Restore {
  private final ImageStore store;
  private final UUID point;
  private final int workers;
  private final Progress progress;
  private final CancelToken cancel;

  /** A restore of this point with so many workers. */
  public Restore(ImageStore store, UUID point, int workers, Progress progress, CancelToken cancel) {
    this.store = store;
    this.point = point;
    this.workers = workers;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Restores to an image or a file.
   *
   * @param ceph asked only where the destination is an image
   * @param stream used only where the destination is a stream
   * @throws KedgeException REFUSED where the destination exists and is not to be overwritten, BUSY
   *     where somebody uses it, VERIFICATION_FAILED where stored data is damaged
   */
  public RestoreResult run(
      RestoreDestination destination,
      boolean overwrite,
      Supplier<CephCluster> ceph,
      WritableByteChannel stream) {
    try (RestorePointReader chain = RestorePointReader.open(store, point)) {
      Manifest manifest = chain.point();
      return switch (destination) {
        case RestoreDestination.Rbd rbd -> {
          CephCluster cluster = ceph.get();
          try (RbdPool pool = cluster.openPool(rbd.location().pool(), rbd.location().namespace());
              RestoreSink sink =
                  RbdDestinations.open(
                      cluster, pool, rbd.location(), manifest, overwrite, progress, cancel)) {
            yield move(chain, sink, destination);
          }
        }
        case RestoreDestination.RawFile file -> {
          refuseExisting(file.path(), overwrite);
          try (RestoreSink sink = new RawFileSink(file.path(), manifest.sizeBytes())) {
            yield move(chain, sink, destination);
          }
        }
        case RestoreDestination.Qcow2File file -> {
          refuseExisting(file.path(), overwrite);
          try (RestoreSink sink = new Qcow2FileSink(file.path(), manifest.sizeBytes())) {
            yield move(chain, sink, destination);
          }
        }
        case RestoreDestination.Stream unnamed -> {
          try (RestoreSink sink = new StreamSink(stream)) {
            yield move(chain, sink, destination);
          }
        }
      };
    } catch (Exception e) {
      throw DataFailure.of("restore to " + destination, e);
    }
  }

  /**
   * Compares the restore point with its snapshot in Ceph, writing nothing.
   *
   * @param snapshot the image opened at that snapshot
   * @throws KedgeException VERIFICATION_FAILED at the first difference
   */
  public void compareWith(RbdImage snapshot) {
    try (RestorePointReader chain = RestorePointReader.open(store, point);
        RestoreSink sink = new SourceComparisonSink(snapshot)) {
      if (snapshot.sizeBytes() != chain.sizeBytes()) {
        throw new KedgeException(
            ErrorCode.VERIFICATION_FAILED,
            snapshot.spec()
                + " has "
                + snapshot.sizeBytes()
                + " bytes, the restore point "
                + chain.sizeBytes());
      }
      move(chain, sink, new RestoreDestination.Stream());
    } catch (Exception e) {
      throw DataFailure.of("comparison with " + snapshot.spec(), e);
    }
  }

  private RestoreResult move(
      RestorePointReader chain, RestoreSink sink, RestoreDestination destination) throws Exception {
    long startNanos = System.nanoTime();
    long dataBytes = new RestorePipeline(chain, sink, workers, progress, cancel).run();
    cancel.check();
    sink.commit();
    return new RestoreResult(
        chain.point(),
        destination.toString(),
        dataBytes,
        chain.manifests().size(),
        Duration.ofNanos(System.nanoTime() - startNanos),
        List.of());
  }

  private static void refuseExisting(Path path, boolean overwrite) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    if (!overwrite) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          path + " exists: restore to another name, or replace it with --overwrite");
    }
    if (!Files.isRegularFile(path)) {
      throw new KedgeException(ErrorCode.REFUSED, path + " is no regular file, and is left alone");
    }
  }
}
