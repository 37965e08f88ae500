package dev.kedge.engine.retention;

import dev.kedge.qcow2.Qcow2Writer;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.SumsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes a layer anew. Not thread-safe. */
final class NewFileSink implements LayerSink {
  private final Qcow2Writer qcow2;
  private final SumsWriter sums;
  private final long imageBytes;
  private final int clusterBytes;
  private final boolean standsAlone;

  NewFileSink(
      Qcow2Writer qcow2, SumsWriter sums, long imageBytes, int clusterBytes, boolean standsAlone) {
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
    // Without a parent a hole says the same.
    if (!standsAlone) {
      long offset = first * clusterBytes;
      qcow2.writeZeroes(offset, Math.min(count * clusterBytes, imageBytes - offset));
      sums.zeroes(first, count);
    }
  }
}
