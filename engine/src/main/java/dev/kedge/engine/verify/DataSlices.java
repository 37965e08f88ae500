package dev.kedge.engine.verify;

import dev.kedge.qcow2.Extent;
import dev.kedge.qcow2.Qcow2File;
import java.io.IOException;

/** Cuts a layer into parts by how much data they hold. For one thread. */
final class DataSlices {
  private static final long WINDOW_BYTES = 1L << 30;

  private final Qcow2File file;
  private final long sizeBytes;

  /**
   * The slices of a file.
   *
   * @param sizeBytes the image's size
   */
  DataSlices(Qcow2File file, long sizeBytes) {
    this.file = file;
    this.sizeBytes = sizeBytes;
  }

  /** How much data there is. */
  long dataBytes() throws IOException {
    long[] sum = new long[1];
    file.forEachExtent(0, sizeBytes, extent -> sum[0] += dataBytes(extent));
    return sum[0];
  }

  /**
   * Where a slice from here ends: behind the cluster in which it has held this much data, or at the
   * image's end where no more follows.
   *
   * @param end exclusively; at most the image's size
   * @param dataBytes how much data it holds
   */
  record Slice(long end, long dataBytes) {}

  Slice from(long start, long wantedBytes) throws IOException {
    Walk walk = new Walk(wantedBytes, file.header().clusterSize().bytes());
    for (long at = start; at < sizeBytes && walk.end < 0; at += WINDOW_BYTES) {
      file.forEachExtent(at, Math.min(WINDOW_BYTES, sizeBytes - at), walk::visit);
    }
    boolean more = walk.end >= 0 && walk.end < sizeBytes && holdsDataFrom(walk.end);
    return new Slice(more ? walk.end : sizeBytes, walk.dataBytes);
  }

  private boolean holdsDataFrom(long offset) throws IOException {
    boolean[] found = new boolean[1];
    for (long at = offset; at < sizeBytes && !found[0]; at += WINDOW_BYTES) {
      file.forEachExtent(
          at, Math.min(WINDOW_BYTES, sizeBytes - at), extent -> found[0] |= dataBytes(extent) > 0);
    }
    return found[0];
  }

  private static long dataBytes(Extent extent) {
    return switch (extent.kind()) {
      case DATA, COMPRESSED -> extent.lengthBytes();
      case ZERO, UNALLOCATED -> 0;
    };
  }

  private static final class Walk {
    private final long wantedBytes;
    private final int clusterBytes;
    private long dataBytes;
    private long end = -1;

    Walk(long wantedBytes, int clusterBytes) {
      this.wantedBytes = wantedBytes;
      this.clusterBytes = clusterBytes;
    }

    void visit(Extent extent) {
      long data = dataBytes(extent);
      if (end >= 0 || data == 0) {
        return;
      }
      if (dataBytes + data < wantedBytes) {
        dataBytes += data;
        return;
      }
      long last = extent.guestOffset() + (wantedBytes - dataBytes) - 1;
      end = Math.min((last / clusterBytes + 1) * clusterBytes, extent.endOffset());
      dataBytes += end - extent.guestOffset();
    }
  }
}
