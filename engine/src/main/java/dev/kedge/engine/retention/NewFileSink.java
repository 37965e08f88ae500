package dev.kedge.engine.retention;

import dev.kedge.qcow2.Qcow2Writer;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.SumsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes a layer anew. Not thread-safe. */
final class NewFileSink implements LayerSink {
  private final Qcow2Writer qcow2;
  private final SumsWriter sums;
  private final long imageBytes;
  private final int clusterBytes;
  private final boolean standsAlone;
  private final List<String> files;
  private final long leastCopyBytes;

  /**
   * A sink.
   *
   * @param files the names of the layers' files on the target
   * @param leastCopyBytes from how many bytes on the target copies from these
   */
  NewFileSink(
      Qcow2Writer qcow2,
      SumsWriter sums,
      long imageBytes,
      int clusterBytes,
      boolean standsAlone,
      List<String> files,
      long leastCopyBytes) {
    this.qcow2 = qcow2;
    this.files = List.copyOf(files);
    this.leastCopyBytes = leastCopyBytes;
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
  public long leastCopyBytes() {
    return leastCopyBytes;
  }

  @Override
  public void copy(long first, int layer, long position, List<Checksum> checksums)
      throws IOException {
    long lengthBytes = (long) checksums.size() * clusterBytes;
    qcow2.copyData(first * clusterBytes, files.get(layer), position, lengthBytes);
    for (int i = 0; i < checksums.size(); i++) {
      sums.data(first + i, checksums.get(i));
    }
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
