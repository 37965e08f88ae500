package dev.kedge.engine.retention;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.verify.SumsConsistency;
import dev.kedge.qcow2.AppendSummary;
import dev.kedge.qcow2.BackingFile;
import dev.kedge.qcow2.CheckReport;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.qcow2.Qcow2Appender;
import dev.kedge.qcow2.Qcow2Check;
import dev.kedge.qcow2.Qcow2File;
import dev.kedge.qcow2.Qcow2Writer;
import dev.kedge.qcow2.WriterOptions;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.ChecksumStream;
import dev.kedge.repository.DigestingOutput;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Manifest.DataFile;
import dev.kedge.repository.Manifest.SumsFile;
import dev.kedge.repository.Merge;
import dev.kedge.repository.ObjectInput;
import dev.kedge.repository.SumsReader;
import dev.kedge.repository.SumsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * Makes a restore point's file stand for the retired layers below it, too. Everything that is
 * copied is proven by the checksums it was stored with, and the new tables are checked before they
 * count. One use, one thread, under the lease.
 */
final class LayerMerge {
  static final String BEING_READ =
      " is being read, so its dead space is given back by the next 'kedge prune'";

  private static final String QCOW2 = "qcow2";

  private final ImageStore store;
  private final Lease lease;
  private final MergeRun run;
  private final Progress progress;
  private final CancelToken cancel;
  private final List<String> notes = new ArrayList<>();

  LayerMerge(ImageStore store, Lease lease, MergeRun run, Progress progress, CancelToken cancel) {
    this.store = store;
    this.lease = lease;
    this.run = run;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Lengthens the lowest layer's file, which becomes the restore point's.
   *
   * @throws KedgeException with REFUSED where that file cannot take it in, VERIFICATION_FAILED
   *     where one of the layers is damaged; nothing has changed then
   */
  MergeResult inPlace() {
    try (Merge merge = store.merge(run.child(), run.retired(), true, lease)) {
      Manifest base = run.base();
      Appended appended = append(merge, base);
      DataFile.Merged before = base.file().merged();
      long dead = appended.file.deadBytes() + (before == null ? 0 : before.deadBytes());
      long punched = before == null ? 0 : before.punchedBytes();
      Manifest merged =
          run.child()
              .merged(
                  base.parent(),
                  new DataFile(
                      run.child().file().name(),
                      appended.file.fileLengthBytes(),
                      base.file().clusterSizeBytes(),
                      name(appended.compression),
                      headerDigest(appended.file.header(), base.file().clusterSizeBytes()),
                      new DataFile.Merged(dead, punched)),
                  sums(merge, appended.sums));
      check(base, merged, appended.file.header(), merge);
      merge.commit(merged, appended.file.header());
      Manifest done = punch(merge, appended.appender, merged);
      return result(done, true, appended.file.appendedBytes() + appended.sums.lengthBytes());
    } catch (IOException e) {
      throw DataFailure.of(run.child().file().name(), e);
    }
  }

  private record Appended(
      Qcow2Appender appender,
      AppendSummary file,
      SumsWriter.Summary sums,
      Compression compression) {}

  private Appended append(Merge merge, Manifest base) throws IOException {
    try (RestorePointReader chain = RestorePointReader.open(store, run.child().id())) {
      int lowest = run.retired().size();
      requireConsistent(chain, lowest);
      Qcow2File file = chain.layers().get(lowest);
      Compression compression = fileCompression(base, run.child());
      long size = run.child().sizeBytes();
      ClusterSize clusterSize = file.header().clusterSize();
      Qcow2Appender appender = new Qcow2Appender(file, merge.data(), size, compression);
      try (SumsReader old = store.openSums(base)) {
        SumsWriter sums = new SumsWriter(merge.sums(), clusterSize.bytes(), size);
        long clusters = (size + clusterSize.bytes() - 1) / clusterSize.bytes();
        SumsOverlay overlay = new SumsOverlay(old, sums, clusters);
        InPlaceSink sink =
            new InPlaceSink(appender, overlay, size, clusterSize.bytes(), base.parent() == null);
        copy(chain, lowest + 1, lowest, clusterSize, clusterCompression(compression), sink);
        AppendSummary appended = appender.finish();
        SumsWriter.Summary summary = overlay.finish();
        merge.sums().flush();
        return new Appended(appender, appended, summary, compression);
      }
    }
  }

  /** Writes a new file, which takes the place of the restore point's. */
  MergeResult newFile() {
    try (Merge merge = store.merge(run.child(), run.retired(), false, lease)) {
      HeaderCapture output = new HeaderCapture(merge.data());
      Manifest merged = write(merge, output);
      merge.commit(merged, output.header());
      long written = merged.file().lengthBytes() + merged.sums().lengthBytes();
      return result(merged, false, written);
    } catch (IOException e) {
      throw DataFailure.of(run.child().file().name(), e);
    }
  }

  private Manifest write(Merge merge, HeaderCapture output) throws IOException {
    try (RestorePointReader chain = RestorePointReader.open(store, run.child().id())) {
      int layers = run.retired().size() + 1;
      requireConsistent(chain, layers - 1);
      ClusterSize clusterSize = clusterSize(chain, layers);
      long size = run.child().sizeBytes();
      Compression compression = fileCompression(run.child(), run.base());
      UUID parent = run.base().parent();
      BackingFile backing = chain.layers().get(layers - 1).header().backing();
      DigestingOutput digesting = new DigestingOutput(output);
      Qcow2Writer qcow2 =
          new Qcow2Writer(
              digesting,
              new WriterOptions(
                  size,
                  clusterSize,
                  compression,
                  backing == null ? null : new BackingFile(backing.name(), QCOW2)));
      SumsWriter sums = new SumsWriter(merge.sums(), clusterSize.bytes(), size);
      NewFileSink sink =
          new NewFileSink(
              qcow2,
              sums,
              size,
              clusterSize.bytes(),
              parent == null,
              chain.manifests().stream().map(store::dataName).toList(),
              output.leastCopyBytes());
      copy(chain, layers, layers, clusterSize, compression, sink);
      qcow2.finish();
      SumsWriter.Summary summary = sums.finish();
      merge.sums().flush();
      return run.child()
          .merged(
              parent,
              new DataFile(
                  run.child().file().name(),
                  digesting.lengthBytes(),
                  clusterSize.bytes(),
                  name(compression),
                  digesting.tablesDigest()),
              sums(merge, summary));
    }
  }

  private void copy(
      RestorePointReader chain,
      int layers,
      int copied,
      ClusterSize clusterSize,
      Compression compression,
      LayerSink sink)
      throws IOException {
    progress.begin("merge", run.measure(store).upperBytes());
    try (ClusterCopy copy =
        new ClusterCopy(chain, layers, copied, clusterSize, compression, sink, progress, cancel)) {
      copy.run();
    }
    cancel.check();
  }

  /** A table that rotted must not decide what is copied; what the checksums prove are clusters. */
  private void requireConsistent(RestorePointReader chain, int lowest) throws IOException {
    boolean fills = false;
    for (int i = 0; i < lowest; i++) {
      fills |= chain.clusterBytes(i) < chain.clusterBytes(lowest);
    }
    // Where a cluster is filled up from below, what is below counts as well.
    int last = fills ? chain.manifests().size() - 1 : lowest;
    for (Manifest layer : chain.manifests().subList(0, last + 1)) {
      cancel.check();
      SumsConsistency.verify(store, layer);
    }
  }

  /** Looks at the file as it will be. */
  private void check(Manifest base, Manifest merged, ByteBuffer header, Merge merge)
      throws IOException {
    cancel.check();
    String name = base.file().name();
    try (ObjectInput input = merge.openNewData();
        SumsReader sums =
            new SumsReader(
                merge.sumsName(),
                merge.openNewSums(),
                merged.sums().lengthBytes(),
                merged.sums().digest())) {
      Qcow2File file = Qcow2File.open(new SectorOverlay(input, header), name);
      CheckReport report = Qcow2Check.check(file);
      if (!report.isSound() || report.leakedClusters() > 0) {
        throw new KedgeException(
            ErrorCode.VERIFICATION_FAILED,
            "%s cannot take in what builds on it: its tables are damaged (%s); run 'kedge verify --all'"
                .formatted(
                    name,
                    report.corruptions().isEmpty()
                        ? report.leakedClusters() + " clusters are lost"
                        : report.corruptions().getFirst()));
      }
      SumsConsistency.verify(file, sums, merged);
    }
  }

  private Manifest punch(Merge merge, Qcow2Appender appender, Manifest merged) throws IOException {
    if (merge.hasReaders()) {
      notes.add(merged.file().name() + BEING_READ);
      return merged;
    }
    long[] punched = new long[1];
    boolean[] possible = {true};
    appender.forEachDead((position, length) -> {
      if (possible[0] && merge.punchHole(position, length)) {
        punched[0] += length;
      } else {
        possible[0] = false;
      }
    });
    DataFile.Merged left = merged.file().merged();
    if (left == null || punched[0] == 0) {
      return merged;
    }
    return store.notePunched(merged, left.punchedBytes() + punched[0], lease);
  }

  private MergeResult result(Manifest merged, boolean inPlace, long writtenBytes) {
    long now = merged.file().storedBytes() + merged.sums().lengthBytes();
    return new MergeResult(
        run.child().id(),
        run.retired().stream().map(Manifest::id).toList(),
        inPlace,
        writtenBytes,
        run.storedBytes() - now,
        notes);
  }

  private static SumsFile sums(Merge merge, SumsWriter.Summary summary) {
    return new SumsFile(
        merge.sumsName(), summary.lengthBytes(), summary.digest(), Checksum.ALGORITHM);
  }

  private static Checksum headerDigest(ByteBuffer sector, int clusterBytes) {
    ChecksumStream digest = new ChecksumStream();
    digest.update(ByteBuffer.allocate(clusterBytes).put(sector.duplicate()).clear());
    return digest.checksum();
  }

  /** A file has one compression; one without compressed clusters may take on another's. */
  private static Compression fileCompression(Manifest first, Manifest second) {
    Compression own = compression(first);
    return own == Compression.NONE ? compression(second) : own;
  }

  private Compression clusterCompression(Compression ofFile) {
    return compression(run.child()) == Compression.NONE ? Compression.NONE : ofFile;
  }

  private static Compression compression(Manifest layer) {
    return Compression.valueOf(layer.file().compression().toUpperCase(Locale.ROOT));
  }

  private static String name(Compression compression) {
    return compression.name().toLowerCase(Locale.ROOT);
  }

  /** The smallest of the layers, so that no cluster has to be filled up from below. */
  private ClusterSize clusterSize(RestorePointReader chain, int layers) {
    int smallest = chain.clusterBytes(0);
    for (int i = 1; i < layers; i++) {
      smallest = Math.min(smallest, chain.clusterBytes(i));
    }
    ClusterSize size = ClusterSize.of(smallest);
    while (!size.canHold(run.child().sizeBytes())) {
      size = ClusterSize.of(2L * size.bytes());
    }
    return size;
  }
}
