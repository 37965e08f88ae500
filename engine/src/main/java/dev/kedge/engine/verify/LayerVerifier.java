package dev.kedge.engine.verify;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.restore.DataProof;
import dev.kedge.qcow2.BackingFile;
import dev.kedge.qcow2.CheckReport;
import dev.kedge.qcow2.Qcow2Check;
import dev.kedge.qcow2.Qcow2File;
import dev.kedge.qcow2.Qcow2Header;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;

/**
 * Reads one layer and compares it with what the manifest and the checksums say: the plain clusters
 * with the sums file, everything else with the tables' digest, and the tables with both. Of a part
 * only, the tables are compared with the sums file, and the compressed clusters of that part with
 * their checksums: the digest would need all of them. One use.
 */
final class LayerVerifier {
  /** After so much data what was reached is remembered. */
  static final long SLICE_BYTES = 16L << 30;

  /** A share of less would take more time for the tables than for the data. */
  private static final long SMALLEST_SAMPLE_BYTES = 8 << 20;

  private static final int SECTOR_BYTES = 512;
  private static final int NAMED_CORRUPTIONS = 5;

  private interface Step {
    void run() throws Exception;
  }

  private final ImageStore store;
  private final Manifest layer;
  private final int workers;
  private final Progress progress;
  private final CancelToken cancel;
  private final List<String> problems = new ArrayList<>();
  private long verifiedBytes;
  private long nextOffset;

  LayerVerifier(
      ImageStore store, Manifest layer, int workers, Progress progress, CancelToken cancel) {
    this.store = store;
    this.layer = layer;
    this.workers = workers;
    this.progress = progress;
    this.cancel = cancel;
  }

  /** Whether the files are there and as long as they should be. */
  List<String> verifyPresence() {
    step(() -> {
      try (ObjectInput input = store.openData(layer)) {
        verifyLength(input);
      }
    });
    step(() -> store.openSums(layer).close());
    return problems();
  }

  /**
   * Verifies from an offset on.
   *
   * @param share how much of the layer's data, at most 1
   * @param reached hears the offset up to which the data is right, now and then
   * @return what is wrong, a line each; empty where all is well
   */
  List<String> verify(long fromOffset, double share, LongConsumer reached) {
    step(() -> verifyFile(share == 1));
    step(() -> SumsConsistency.verify(store, layer));
    step(() -> {
      try (RestorePointReader reader = RestorePointReader.openLayer(store, layer)) {
        verifyData(reader, fromOffset, share, reached);
      }
    });
    return problems();
  }

  private List<String> problems() {
    return problems.stream().distinct().toList();
  }

  /** How much content was proven. */
  long verifiedBytes() {
    return verifiedBytes;
  }

  /** Up to where the data was read; the image's size where that was everything. */
  long nextOffset() {
    return nextOffset;
  }

  private void verifyData(
      RestorePointReader reader, long fromOffset, double share, LongConsumer reached)
      throws IOException {
    DataSlices slices = new DataSlices(reader.layers().getFirst(), layer.sizeBytes());
    long data = slices.dataBytes();
    long left = share == 1 ? data : Math.max((long) Math.ceil(data * share), SMALLEST_SAMPLE_BYTES);
    nextOffset = Math.min(fromOffset, layer.sizeBytes());
    progress.begin("verify", layer.sizeBytes() - nextOffset);
    do {
      DataSlices.Slice slice = slices.from(nextOffset, Math.min(left, SLICE_BYTES));
      long from = nextOffset;
      step(() ->
          verifiedBytes +=
              DataProof.of(reader, from, slice.end(), workers, new Advance(progress), cancel));
      left -= slice.dataBytes();
      nextOffset = slice.end();
      if (problems.isEmpty()) {
        reached.accept(nextOffset);
      }
    } while (left > 0 && nextOffset < layer.sizeBytes());
  }

  /** The progress of one step of several: their total was said already. */
  private record Advance(Progress whole) implements Progress {
    @Override
    public void begin(String step, long totalBytes) {}

    @Override
    public void advance(long bytes) {
      whole.advance(bytes);
    }

    @Override
    public void note(String message) {
      whole.note(message);
    }
  }

  private boolean verifyLength(ObjectInput input) {
    long length = input.lengthBytes();
    if (length != layer.file().lengthBytes()) {
      problem(
          layer.file().name()
              + " has "
              + length
              + " bytes instead of "
              + layer.file().lengthBytes());
      return false;
    }
    return true;
  }

  private void verifyFile(boolean whole) throws Exception {
    try (ObjectInput input = store.openData(layer)) {
      if (!verifyLength(input)) {
        return;
      }
      Qcow2File file = Qcow2File.open(input, layer.file().name());
      verifyHeader(file.header());
      CheckReport report = Qcow2Check.check(file);
      problems(report);
      int clusterBytes = file.header().clusterSize().bytes();
      if (!whole && !layer.file().compression().equals("none")) {
        return;
      }
      // Where others were merged into the file, the digest covers the header; the tables are
      // proven by the checksums of what they lead to, and by agreeing with the sums file.
      LongPredicate elsewhere =
          layer.file().merged() == null ? report::isPlainData : cluster -> true;
      if (!TablesDigest.of(input, clusterBytes, elsewhere, cancel)
          .equals(layer.file().tablesDigest())) {
        problem(layer.file().name() + ": its tables or compressed clusters are not as written");
      }
    }
  }

  private void problems(CheckReport report) {
    report.corruptions().stream()
        .limit(NAMED_CORRUPTIONS)
        .forEach(line -> problem(layer.file().name() + ": " + line));
    long more = report.corruptionCount() - NAMED_CORRUPTIONS;
    if (more > 0) {
      problem(layer.file().name() + ": and " + more + " more of the kind");
    }
  }

  private void verifyHeader(Qcow2Header header) {
    long sectors = (layer.sizeBytes() + SECTOR_BYTES - 1) / SECTOR_BYTES;
    if (header.virtualSizeBytes() != sectors * SECTOR_BYTES) {
      problem(layer.file().name() + " has a virtual size of " + header.virtualSizeBytes());
    }
    BackingFile backing = header.backing();
    String parent = layer.parent() == null ? null : store.point(layer.parent()).file().name();
    String named = backing == null ? null : backing.name();
    if (!Objects.equals(parent, named)) {
      problem(
          layer.file().name() + " names " + named + " as its backing file instead of " + parent);
    }
  }

  private void step(Step step) {
    cancel.check();
    try {
      step.run();
    } catch (Exception e) {
      KedgeException failure = DataFailure.of(layer.file().name(), e);
      if (!isFinding(failure.code())) {
        throw failure;
      }
      problem(failure.getMessage());
    }
  }

  // A target that cannot be reached says nothing about what is on it.
  static boolean isFinding(ErrorCode code) {
    return code == ErrorCode.VERIFICATION_FAILED
        || code == ErrorCode.NOT_FOUND
        || code == ErrorCode.REFUSED;
  }

  private void problem(String line) {
    problems.add(line);
  }
}
