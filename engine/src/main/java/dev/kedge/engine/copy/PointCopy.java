package dev.kedge.engine.copy;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.backup.LayerRewrite;
import dev.kedge.engine.backup.LayerSource;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.pipeline.RateLimit;
import dev.kedge.engine.plan.ClusterSizeChoice;
import dev.kedge.engine.verify.SumsConsistency;
import dev.kedge.qcow2.BackingFile;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.qcow2.WriterOptions;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointOutputs;
import dev.kedge.repository.SumsReader;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes the files of one restore point at its new place. One use. */
final class PointCopy {
  /**
   * What was written, flushed.
   *
   * @param parent what it builds on at its new place; null for a full one
   * @param byBytes whether the data file is the same, byte by byte
   */
  record Written(
      @Nullable UUID parent,
      Manifest.DataFile file,
      Manifest.SumsFile sums,
      Manifest.Counts counts,
      boolean byBytes) {}

  private final ImageStore from;
  private final ImageStore to;
  private final Lease lease;
  private final Manifest point;
  private final CopyRequest request;
  private final Set<Manifest> consistent;
  private final RateLimit rate;
  private final Progress progress;
  private final CancelToken cancel;

  /** A copy of this point; layers whose tables are known to be sound are not looked at again. */
  PointCopy(
      ImageStore from,
      ImageStore to,
      Lease lease,
      Manifest point,
      CopyRequest request,
      Set<Manifest> consistent,
      RateLimit rate,
      Progress progress,
      CancelToken cancel) {
    this.from = from;
    this.to = to;
    this.lease = lease;
    this.point = point;
    this.request = request;
    this.consistent = consistent;
    this.rate = rate;
    this.progress = progress;
    this.cancel = cancel;
  }

  /** Writes; the lease must say that this is about to happen. */
  Written write() throws Exception {
    if (!flattens() && staysAsItIs()) {
      Optional<Manifest.SumsFile> sums = copyBytes();
      if (sums.isPresent()) {
        return new Written(point.parent(), asWritten(), sums.get(), point.counts(), true);
      }
      Written anew = rewrite();
      progress.note(
          "the file of restore point "
              + point.id()
              + " is not as it was written, though all of its content is: it was written anew;"
              + " run 'kedge verify' at the source");
      return anew;
    }
    return rewrite();
  }

  private boolean flattens() {
    return request.flatten() && point.parent() != null;
  }

  private boolean staysAsItIs() {
    // A file that others were merged into is in no order, and holds dead clusters.
    return point.file().merged() == null
        && clusterSize().bytes() == point.file().clusterSizeBytes()
        && name(compression()).equals(point.file().compression());
  }

  private Manifest.DataFile asWritten() {
    Manifest.DataFile file = point.file();
    return new Manifest.DataFile(
        file.name(),
        file.lengthBytes(),
        file.clusterSizeBytes(),
        file.compression(),
        file.tablesDigest());
  }

  private PointOutputs begin() {
    // Right before: it removes what is there, which must not be what the next owner has written.
    lease.renew();
    PointOutputs outputs = to.begin(point.id());
    return new PointOutputs(
        new LeasedOutput(outputs.data(), lease), new LeasedOutput(outputs.sums(), lease));
  }

  private Optional<Manifest.SumsFile> copyBytes() throws IOException, InterruptedException {
    try (PointOutputs outputs = begin()) {
      return new LayerBytes(from, point, rate, progress, cancel).copy(outputs);
    }
  }

  private Written rewrite() throws Exception {
    ClusterSize size = clusterSize();
    // A larger cluster is in part what the layers below hold.
    boolean needsChain =
        point.parent() != null && (flattens() || size.bytes() > point.file().clusterSizeBytes());
    try (RestorePointReader reader = open(needsChain);
        PointOutputs outputs = begin()) {
      boolean full = flattens() || point.parent() == null;
      BackingFile backing = full ? null : new BackingFile(point.parent() + ".qcow2", "qcow2");
      WriterOptions form = new WriterOptions(point.sizeBytes(), size, compression(), backing);
      LayerRewrite.Result written =
          new LayerRewrite(
                  new LayerSource(reader, flattens()),
                  form,
                  request.workers(),
                  rate,
                  progress,
                  cancel)
              .write(outputs);
      return new Written(
          full ? null : point.parent(), written.data(), written.sums(), counts(written), false);
    }
  }

  private RestorePointReader open(boolean withAncestors) throws IOException {
    RestorePointReader reader =
        withAncestors
            ? RestorePointReader.open(from, point.id())
            : RestorePointReader.openLayer(from, point);
    try {
      for (int i = 0; i < reader.manifests().size(); i++) {
        cancel.check();
        Manifest layer = reader.manifests().get(i);
        if (!consistent.contains(layer)) {
          try (SumsReader sums = from.openSums(layer)) {
            SumsConsistency.verify(reader.layers().get(i), sums, layer);
          }
          consistent.add(layer);
        }
      }
      return reader;
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
  }

  private Manifest.Counts counts(LayerRewrite.Result written) {
    Manifest.Counts before = point.counts();
    return flattens()
        ? new Manifest.Counts(
            before.extents(), written.readBytes(), written.readBytes(), 0, written.storedBytes())
        : new Manifest.Counts(
            before.extents(),
            before.changedBytes(),
            before.readBytes(),
            before.zeroBytes(),
            written.storedBytes());
  }

  private ClusterSize clusterSize() {
    ClusterSize wanted = request.clusterSize();
    if (wanted != null) {
      return wanted;
    }
    return flattens()
        ? ClusterSizeChoice.forImage(point.sizeBytes())
        : new ClusterSize(Integer.numberOfTrailingZeros(point.file().clusterSizeBytes()));
  }

  private Compression compression() {
    Compression wanted = request.compression();
    return wanted != null
        ? wanted
        : Compression.valueOf(point.file().compression().toUpperCase(Locale.ROOT));
  }

  private static String name(Compression compression) {
    return compression.name().toLowerCase(Locale.ROOT);
  }
}
