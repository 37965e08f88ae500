package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What of a file nothing refers to any more, by its refcounts. */
public final class FreeSpace {
  /** Takes a range of the file, in bytes. */
  @FunctionalInterface
  public interface Visitor {
    /** A range; its start and length are whole clusters. */
    void free(long position, long lengthBytes) throws IOException;
  }

  private static final int REFCOUNT_ORDER = 4;

  private FreeSpace() {}

  /**
   * Visits the free ranges in ascending order. The refcounts are believed: check the file first.
   * What has no refcount block is left out.
   */
  public static void forEach(Qcow2File file, Visitor visitor) throws IOException {
    if (file.header().refcountOrder() != REFCOUNT_ORDER) {
      throw Damage.unsupported(file.name(), "a refcount width other than 16 bits");
    }
    ClusterSize clusterSize = file.header().clusterSize();
    RefcountTable table = RefcountTable.read(file);
    ByteBuffer block = ByteBuffer.allocate(clusterSize.bytes());
    long clusters = file.fileLengthBytes() >> clusterSize.bits();
    int perBlock = clusterSize.refcountBlockEntries();
    Runs runs = new Runs(clusterSize, visitor);
    for (int i = 0; i < table.size() && (long) i * perBlock < clusters; i++) {
      if (table.offset(i) == 0) {
        continue;
      }
      file.input().readFully(table.offset(i), block.clear());
      long first = (long) i * perBlock;
      int count = (int) Math.min(perBlock, clusters - first);
      for (int at = 0; at < count; at++) {
        if (block.getShort(at * Short.BYTES) == 0) {
          runs.add(first + at);
        }
      }
    }
    runs.end();
  }

  private static final class Runs {
    private final ClusterSize clusterSize;
    private final Visitor visitor;
    private long start;
    private long end;

    Runs(ClusterSize clusterSize, Visitor visitor) {
      this.clusterSize = clusterSize;
      this.visitor = visitor;
    }

    void add(long cluster) throws IOException {
      if (cluster != end) {
        end();
        start = cluster;
      }
      end = cluster + 1;
    }

    void end() throws IOException {
      if (end > start) {
        visitor.free(start << clusterSize.bits(), (end - start) << clusterSize.bits());
      }
      start = end;
    }
  }
}
