package dev.kedge.engine.repair;

import dev.kedge.engine.retention.HeaderCapture;
import dev.kedge.engine.retention.NewFileSink;
import dev.kedge.qcow2.BackingFile;
import dev.kedge.qcow2.ClusterCompressor;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.qcow2.Qcow2Writer;
import dev.kedge.qcow2.WriterOptions;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.DigestingOutput;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Manifest.DataFile;
import dev.kedge.repository.Manifest.SumsFile;
import dev.kedge.repository.Merge;
import dev.kedge.repository.SumsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * New files for a layer, with the clusters that it has to hold in ascending order; they take the
 * place of the old ones in the way in which a merge replaces a file, with nothing merged. Closed
 * without a commit, nothing has changed. For one thread.
 */
final class LayerRewrite implements AutoCloseable {
  private final Manifest layer;
  private final Merge merge;
  private final HeaderCapture output;
  private final DigestingOutput digesting;
  private final Qcow2Writer qcow2;
  private final SumsWriter sums;
  private final NewFileSink sink;
  private final Arena arena = Arena.ofConfined();
  private final ByteBuffer packed;
  private final @Nullable ClusterCompressor compressor;

  LayerRewrite(ImageStore store, Manifest layer, Lease lease) throws IOException {
    this.layer = layer;
    ClusterSize clusterSize = ClusterSize.of(layer.file().clusterSizeBytes());
    Compression compression =
        Compression.valueOf(layer.file().compression().toUpperCase(Locale.ROOT));
    UUID parent = layer.parent();
    BackingFile backing =
        parent == null ? null : new BackingFile(store.point(parent).file().name(), "qcow2");
    long size = layer.sizeBytes();
    this.merge = store.merge(layer, List.of(), false, lease);
    this.output = new HeaderCapture(merge.data());
    this.digesting = new DigestingOutput(output);
    this.qcow2 =
        new Qcow2Writer(digesting, new WriterOptions(size, clusterSize, compression, backing));
    this.sums = new SumsWriter(merge.sums(), clusterSize.bytes(), size);
    this.sink =
        new NewFileSink(
            qcow2, sums, size, clusterSize.bytes(), parent == null, List.of(), Long.MAX_VALUE);
    this.packed = arena.allocate(ClusterCompressor.bufferBytes(clusterSize)).asByteBuffer();
    this.compressor =
        compression == Compression.NONE ? null : ClusterCompressor.create(compression, clusterSize);
  }

  void data(long cluster, MemorySegment content, Checksum checksum) throws IOException {
    if (compressor != null && compressor.compress(content.asByteBuffer(), packed.clear()) >= 0) {
      sink.compressed(cluster, packed.flip(), checksum);
    } else {
      sink.data(cluster, content.asByteBuffer(), checksum);
    }
  }

  void zeroes(long first, long count) throws IOException {
    sink.zeroes(first, count);
  }

  void commit() throws IOException {
    qcow2.finish();
    SumsWriter.Summary summary = sums.finish();
    merge.sums().flush();
    merge.commit(
        layer.merged(
            layer.parent(),
            new DataFile(
                layer.file().name(),
                digesting.lengthBytes(),
                layer.file().clusterSizeBytes(),
                layer.file().compression(),
                digesting.tablesDigest()),
            new SumsFile(
                merge.sumsName(), summary.lengthBytes(), summary.digest(), Checksum.ALGORITHM)),
        output.header());
  }

  @Override
  public void close() {
    try (arena;
        merge) {
      if (compressor != null) {
        compressor.close();
      }
    }
  }
}
