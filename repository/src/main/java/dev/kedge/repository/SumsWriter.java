package dev.kedge.repository;

import dev.kedge.qcow2.AppendOutput.Part;
import java.nio.ByteBuffer;

/**
 * Writes a sums file (see {@link SumsFormat}) while the clusters of a layer go by in ascending
 * order. Adjacent clusters of one kind become one run. Memory is constant. Not thread-safe.
 */
public final class SumsWriter {
  /**
   * What was written.
   *
   * @param lengthBytes the length of the file
   * @param digest the checksum of the whole file
   */
  public record Summary(long lengthBytes, Checksum digest) {}

  private static final int LONGEST_RUN_BYTES =
      SumsFormat.RUN_BYTES + SumsFormat.MAX_DATA_RUN * Checksum.BYTES;

  /** Runs are gathered up to this length, and then written. */
  private static final int EMIT_BYTES = 64 << 10;

  private final ObjectOutput output;
  private final long clusters;
  private final ChecksumStream digest = new ChecksumStream();
  private final ByteBuffer buffer = ByteBuffer.allocate(EMIT_BYTES + LONGEST_RUN_BYTES);

  private int runAt;
  private int kind;
  private long firstCluster;
  private long count;
  private long nextCluster;
  private long dataClusters;
  private long zeroClusters;
  private long lengthBytes;
  private boolean finished;

  /** Starts a file; the output stays the caller's to flush and close. */
  public SumsWriter(ObjectOutput output, int clusterSizeBytes, long imageSizeBytes) {
    this.output = output;
    this.clusters = SumsFormat.clusters(imageSizeBytes, clusterSizeBytes);
    buffer
        .putLong(SumsFormat.MAGIC)
        .putInt(SumsFormat.VERSION)
        .putInt(SumsFormat.ALGORITHM_XXH3_128)
        .putLong(clusterSizeBytes)
        .putLong(imageSizeBytes);
    startRun();
  }

  /** Notes the checksum of a cluster that holds data. */
  public void data(long cluster, Checksum checksum) {
    data(cluster, checksum.high(), checksum.low());
  }

  /** Notes the checksum of a cluster that holds data. */
  public void data(long cluster, long high, long low) {
    extend(SumsFormat.KIND_DATA, cluster, 1);
    buffer.putLong(high).putLong(low);
    dataClusters++;
    if (count == SumsFormat.MAX_DATA_RUN) {
      endRun();
    }
  }

  /** Notes clusters that hold only zeroes. */
  public void zeroes(long cluster, long clusterCount) {
    if (clusterCount == 0) {
      return;
    }
    extend(SumsFormat.KIND_ZERO, cluster, clusterCount);
    zeroClusters += clusterCount;
  }

  private void extend(int newKind, long cluster, long clusterCount) {
    if (finished
        || clusterCount < 0
        || cluster < nextCluster
        || cluster > clusters - clusterCount) {
      throw new IllegalArgumentException(
          "Clusters %d + %d do not follow %d of %d"
              .formatted(cluster, clusterCount, nextCluster, clusters));
    }
    if (newKind != kind || cluster != nextCluster) {
      endRun();
      kind = newKind;
      firstCluster = cluster;
    }
    count += clusterCount;
    nextCluster = cluster + clusterCount;
  }

  private void startRun() {
    runAt = buffer.position();
    buffer.position(runAt + SumsFormat.RUN_BYTES);
    firstCluster = nextCluster;
    count = 0;
  }

  private void endRun() {
    if (count > 0) {
      buffer
          .putInt(runAt, kind)
          .putInt(runAt + 4, 0)
          .putLong(runAt + 8, firstCluster)
          .putLong(runAt + 16, count);
    } else {
      buffer.position(runAt);
    }
    if (buffer.position() >= EMIT_BYTES - SumsFormat.RUN_BYTES) {
      emit();
    }
    startRun();
  }

  /** Ends the file. */
  public Summary finish() {
    if (finished) {
      throw new IllegalStateException("The sums file was finished before");
    }
    endRun();
    finished = true;
    buffer
        .position(runAt)
        .putInt(SumsFormat.KIND_END)
        .putInt(0)
        .putLong(dataClusters)
        .putLong(zeroClusters);
    emit();
    return new Summary(lengthBytes, digest.checksum());
  }

  private void emit() {
    buffer.flip();
    digest.update(buffer);
    lengthBytes += buffer.remaining();
    output.append(buffer, Part.TABLES);
    buffer.clear();
  }
}
