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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongPredicate;

/**
 * Reads every byte of one layer and compares it with what the manifest and the checksums say: the
 * plain clusters with the sums file, everything else with the tables' digest, and the tables with
 * both. One use.
 */
final class LayerVerifier {
  private static final int SECTOR_BYTES = 512;

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

  LayerVerifier(
      ImageStore store, Manifest layer, int workers, Progress progress, CancelToken cancel) {
    this.store = store;
    this.layer = layer;
    this.workers = workers;
    this.progress = progress;
    this.cancel = cancel;
  }

  /** What is wrong, a line each; empty where all is well. */
  List<String> verify() {
    step(this::verifyFile);
    step(() -> SumsConsistency.verify(store, layer));
    step(() -> {
      try (RestorePointReader reader = RestorePointReader.openLayer(store, layer)) {
        verifiedBytes = DataProof.of(reader, workers, progress, cancel);
      }
    });
    return problems.stream().distinct().toList();
  }

  /** How much content was proven. */
  long verifiedBytes() {
    return verifiedBytes;
  }

  private void verifyFile() throws Exception {
    try (ObjectInput input = store.openData(layer)) {
      long length = input.lengthBytes();
      if (length != layer.file().lengthBytes()) {
        problem(
            layer.file().name()
                + " has "
                + length
                + " bytes instead of "
                + layer.file().lengthBytes());
        return;
      }
      Qcow2File file = Qcow2File.open(input, layer.file().name());
      verifyHeader(file.header());
      CheckReport report = Qcow2Check.check(file);
      report.corruptions().forEach(line -> problem(layer.file().name() + ": " + line));
      int clusterBytes = file.header().clusterSize().bytes();
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
  private static boolean isFinding(ErrorCode code) {
    return code == ErrorCode.VERIFICATION_FAILED
        || code == ErrorCode.NOT_FOUND
        || code == ErrorCode.REFUSED;
  }

  private void problem(String line) {
    problems.add(line);
  }
}
