package dev.kedge.engine.retention;

import dev.kedge.qcow2.Qcow2Appender;
import dev.kedge.repository.Checksum;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Appends to a layer that is there. Not thread-safe. */
final class InPlaceSink implements LayerSink {
  private final Qcow2Appender qcow2;
  private final SumsOverlay sums;
  private final long imageBytes;
  private final int clusterBytes;
  private final boolean standsAlone;

  InPlaceSink(
      Qcow2Appender qcow2,
      SumsOverlay sums,
      long imageBytes,
      int clusterBytes,
      boolean standsAlone) {
    this.qcow2 = qcow2;
    this.sums = sums;
    this.imageBytes = imageBytes;
    this.clusterBytes = clusterBytes;
    this.standsAlone = standsAlone;
  }

  @Override
  public void data(long cluster, ByteBuffer bytes, Checksum checksum) throws IOException {
    qcow2.writeData(cluster * clusterBytes, bytes);
    sums.data(cluster, checksum);
  }

  @Override
  public void compressed(long cluster, ByteBuffer bytes, Checksum checksum) throws IOException {
    qcow2.writeCompressed(cluster * clusterBytes, bytes);
    sums.data(cluster, checksum);
  }

  @Override
  public void zeroes(long first, long count) throws IOException {
    long offset = first * clusterBytes;
    qcow2.writeZeroes(offset, Math.min(count * clusterBytes, imageBytes - offset));
    if (standsAlone) {
      sums.absent(first, count);
    } else {
      sums.zeroes(first, count);
    }
  }
}
