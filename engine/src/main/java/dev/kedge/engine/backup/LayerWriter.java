package dev.kedge.engine.backup;

import dev.kedge.qcow2.Qcow2Writer;
import dev.kedge.qcow2.WriterSummary;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.SumsWriter;
import java.io.IOException;
import java.util.Objects;

/**
 * Last stage: appends clusters to the layer's QCOW2 and their checksums to its sums file, in
 * ascending order, and counts. For one thread.
 */
final class LayerWriter implements ChunkSink {
  private final Qcow2Writer qcow2;
  private final SumsWriter sums;
  private final long imageBytes;
  private final int clusterBytes;
  private final boolean buffered;

  private long readBytes;
  private long zeroBytes;
  private long storedBytes;
  private long differingBytes;

  LayerWriter(
      Qcow2Writer qcow2, SumsWriter sums, long imageBytes, int clusterBytes, boolean buffered) {
    this.qcow2 = qcow2;
    this.sums = sums;
    this.imageBytes = imageBytes;
    this.clusterBytes = clusterBytes;
    this.buffered = buffered;
  }

  @Override
  public boolean isBuffered() {
    return buffered;
  }

  @Override
  public void write(Chunk chunk) throws IOException {
    readBytes += chunk.readBytes;
    if (chunk.zeroCount > 0) {
      zeroes(chunk.zeroFirst, chunk.zeroCount);
    }
    int from = 0;
    while (from < chunk.count) {
      int to = endOfRun(chunk, from);
      write(chunk, from, to);
      from = to;
    }
  }

  private static int endOfRun(Chunk chunk, int from) {
    int to = from + 1;
    while (to < chunk.count
        && chunk.kinds[to] == chunk.kinds[from]
        && chunk.clusters[to] == chunk.clusters[to - 1] + 1) {
      to++;
    }
    return to;
  }

  private void write(Chunk chunk, int from, int to) throws IOException {
    long first = chunk.clusters[from];
    switch (chunk.kinds[from]) {
      case SAME -> {}
      case HOLE -> zeroBytes += inImage(first, to - from);
      case ZERO -> zeroes(first, to - from);
      case DATA -> {
        long bytes = (long) (to - from) * clusterBytes;
        qcow2.writeData(
            first * clusterBytes,
            chunk.buffer().asSlice((long) from * clusterBytes, bytes).asByteBuffer());
        storedBytes += bytes;
        checksums(chunk, from, to);
      }
      case COMPRESSED -> {
        for (int i = from; i < to; i++) {
          qcow2.writeCompressed(
              chunk.clusters[i] * clusterBytes, chunk.compressedSegment(i).asByteBuffer());
          storedBytes += chunk.compressedBytes[i];
        }
        checksums(chunk, from, to);
      }
    }
  }

  private void checksums(Chunk chunk, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      Checksum checksum = Objects.requireNonNull(chunk.checksums[i]);
      sums.data(chunk.clusters[i], checksum);
      differingBytes += inImage(chunk.clusters[i], 1);
    }
  }

  private void zeroes(long first, long count) throws IOException {
    long offset = first * clusterBytes;
    qcow2.writeZeroes(offset, count * clusterBytes);
    sums.zeroes(first, count);
    zeroBytes += inImage(first, count);
    differingBytes += inImage(first, count);
  }

  private long inImage(long first, long count) {
    return Math.min(count * clusterBytes, imageBytes - first * clusterBytes);
  }

  /** Ends the QCOW2: its tables and its header. */
  WriterSummary finish() throws IOException {
    return qcow2.finish();
  }

  /** Ends the sums file. */
  SumsWriter.Summary finishSums() {
    return sums.finish();
  }

  /** Bytes read from Ceph. */
  long readBytes() {
    return readBytes;
  }

  /** Bytes that were found or known to be zero. */
  long zeroBytes() {
    return zeroBytes;
  }

  /** Payload appended: plain clusters, and compressed ones in their compressed form. */
  long storedBytes() {
    return storedBytes;
  }

  /** Bytes of the image that this layer sets, zeroes included. */
  long differingBytes() {
    return differingBytes;
  }
}
