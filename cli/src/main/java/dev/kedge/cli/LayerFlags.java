package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.backup.LayerOptions;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How restore points are stored, and how fast images are read. */
final class LayerFlags {
  @Option(names = "--full", description = "store everything, and start a new chain")
  private boolean full;

  @Option(
      names = "--compression",
      paramLabel = "none|zstd|zlib",
      defaultValue = "none",
      description = "compress clusters (default: ${DEFAULT-VALUE})")
  private String compressionName = "none";

  @Option(
      names = "--cluster-size",
      paramLabel = "auto|4K..2M",
      defaultValue = "auto",
      description = "QCOW2 cluster size of this layer (default: ${DEFAULT-VALUE})")
  private String clusterSizeText = "auto";

  @Option(
      names = "--max-rate",
      paramLabel = "RATE",
      description = "read at most this many bytes a second, as in 200M")
  private @Nullable String maxRate;

  /** For so many threads that compress. */
  LayerOptions options(int workers) {
    return new LayerOptions(full, compression(), clusterSize(), maxBytesPerSecond(), workers);
  }

  private Compression compression() {
    try {
      return Compression.valueOf(compressionName.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new KedgeException(
          ErrorCode.USAGE, "--compression " + compressionName + ": use none, zstd or zlib", e);
    }
  }

  private @Nullable ClusterSize clusterSize() {
    if (clusterSizeText.equals("auto")) {
      return null;
    }
    return ClusterSize.of(ByteSize.parse(clusterSizeText));
  }

  private long maxBytesPerSecond() {
    if (maxRate == null) {
      return 0;
    }
    long bytes = ByteSize.parse(maxRate);
    if (bytes <= 0) {
      throw new KedgeException(
          ErrorCode.USAGE, "--max-rate " + maxRate + ": leave it out for no limit");
    }
    return bytes;
  }
}
