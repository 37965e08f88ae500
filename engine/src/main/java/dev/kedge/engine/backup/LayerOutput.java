package dev.kedge.engine.backup;

import dev.kedge.qcow2.Qcow2Writer;
import dev.kedge.qcow2.WriterOptions;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.DigestingOutput;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointOutputs;
import dev.kedge.repository.SumsWriter;
import java.io.IOException;
import java.util.Locale;
import java.util.UUID;

/** The two files of a layer while it is written, and what its manifest says of them. One use. */
final class LayerOutput {
  /** What a manifest says of the files. */
  record Written(Manifest.DataFile data, Manifest.SumsFile sums) {}

  private final PointOutputs outputs;
  private final UUID point;
  private final WriterOptions options;
  private final DigestingOutput digesting;
  private final LayerWriter writer;

  /**
   * Starts both files.
   *
   * @param buffered whether the target keeps what is appended in memory of its own
   */
  LayerOutput(PointOutputs outputs, UUID point, WriterOptions options, boolean buffered)
      throws IOException {
    this.outputs = outputs;
    this.point = point;
    this.options = options;
    this.digesting = new DigestingOutput(outputs.data());
    int clusterBytes = options.clusterSize().bytes();
    long sizeBytes = options.virtualSizeBytes();
    this.writer =
        new LayerWriter(
            new Qcow2Writer(digesting, options),
            new SumsWriter(outputs.sums(), clusterBytes, sizeBytes),
            sizeBytes,
            clusterBytes,
            buffered);
  }

  /** Where the clusters go. */
  LayerWriter writer() {
    return writer;
  }

  /** Ends both files, durably: data first, checksums after. */
  Written finish() throws IOException {
    writer.finish();
    outputs.data().flush();
    SumsWriter.Summary sums = writer.finishSums();
    outputs.sums().flush();
    return new Written(
        new Manifest.DataFile(
            point + ".qcow2",
            digesting.lengthBytes(),
            options.clusterSize().bytes(),
            options.compression().name().toLowerCase(Locale.ROOT),
            digesting.tablesDigest()),
        new Manifest.SumsFile(
            point + ".sums", sums.lengthBytes(), sums.digest(), Checksum.ALGORITHM));
  }
}
