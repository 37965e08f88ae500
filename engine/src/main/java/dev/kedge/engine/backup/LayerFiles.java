package dev.kedge.engine.backup;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.qcow2.BackingFile;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.WriterOptions;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointOutputs;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes the two files of a restore point, flushed. One use. */
final class LayerFiles {
  private static final String QCOW2 = "qcow2";

  private final ImageStore store;
  private final UUID point;
  private final LayerOptions options;
  private final Progress progress;
  private final CancelToken cancel;

  LayerFiles(
      ImageStore store, UUID point, LayerOptions options, Progress progress, CancelToken cancel) {
    this.store = store;
    this.point = point;
    this.options = options;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * What was written.
   *
   * @param counted knows how much that was
   */
  record Written(Manifest.DataFile data, Manifest.SumsFile sums, LayerWriter counted) {}

  /** Writes all that the feed submits. */
  Written write(KindChoice choice, ClusterSize clusterSize, long sizeBytes, ChunkFeed feed)
      throws Exception {
    try (PointOutputs outputs = store.begin(point)) {
      LayerOutput output =
          new LayerOutput(
              outputs,
              point,
              new WriterOptions(sizeBytes, clusterSize, options.compression(), backing(choice)),
              store.buffersWrites());
      new LayerPipeline(clusterSize, choice.parent().isEmpty(), options, output.writer(), progress)
          .run(feed);
      LayerOutput.Written written = output.finish();
      cancel.check();
      return new Written(written.data(), written.sums(), output.writer());
    }
  }

  /**
   * Writes what differs from the restore point that a re-based one builds on; everything where it
   * is of another kind.
   *
   * @param feed makes the source of the data, which compares with what it is given; null: there is
   *     nothing to compare with
   */
  Written writeDifferences(
      KindChoice choice,
      ClusterSize clusterSize,
      long sizeBytes,
      Function<@Nullable BaseLookup, ChunkFeed> feed)
      throws Exception {
    if (choice instanceof KindChoice.Rebased rebased) {
      try (RestorePointLookup base =
          new RestorePointLookup(
              RestorePointReader.open(store, rebased.base().id()), clusterSize.bytes())) {
        return write(choice, clusterSize, sizeBytes, feed.apply(base));
      }
    }
    return write(choice, clusterSize, sizeBytes, feed.apply(null));
  }

  private static @Nullable BackingFile backing(KindChoice choice) {
    return choice.parent().map(parent -> new BackingFile(parent.file().name(), QCOW2)).orElse(null);
  }
}
