package dev.kedge.engine.plan;

/**
 * Turns extents into runs of whole clusters, ascending and disjoint. A cluster is known to be zero
 * only where one zero extent covers the whole of it; any other that an extent touches is to be
 * read.
 */
public final class ClusterRuns {
  /** Receives the runs in ascending order. */
  @FunctionalInterface
  public interface Visitor {
    /** So many clusters from this one on. */
    void run(long firstCluster, long count, boolean zero) throws InterruptedException;
  }

  private final Visitor visitor;
  private long nextCluster;
  private long pendingFirst;
  private long pendingEnd;
  private boolean pendingZero;

  private ClusterRuns(Visitor visitor) {
    this.visitor = visitor;
  }

  /** Visits the runs of clusters that the extents touch. The list must be normalised. */
  public static void forEach(
      ExtentList extents, long clusterBytes, long imageBytes, Visitor visitor)
      throws InterruptedException {
    ClusterRuns runs = new ClusterRuns(visitor);
    for (int i = 0; i < extents.size(); i++) {
      long offset = extents.offset(i);
      long end = extents.end(i);
      long first = offset / clusterBytes;
      long last = (end + clusterBytes - 1) / clusterBytes;
      if (extents.isZero(i)) {
        // The cluster at the end of the image is covered as soon as its part of the image is.
        long zeroFirst = (offset + clusterBytes - 1) / clusterBytes;
        long zeroLast = end >= imageBytes ? last : end / clusterBytes;
        if (zeroFirst < zeroLast) {
          runs.add(first, zeroFirst, false);
          runs.add(zeroFirst, zeroLast, true);
          runs.add(zeroLast, last, false);
          continue;
        }
      }
      runs.add(first, last, false);
    }
    runs.flush();
  }

  private void add(long first, long end, boolean zero) throws InterruptedException {
    // Only the first cluster of an extent can be one that the extent before has touched already;
    // whoever came first has marked it to be read, since neither covered it alone.
    long from = Math.max(first, nextCluster);
    if (from >= end) {
      return;
    }
    if (pendingEnd > pendingFirst && pendingEnd == from && pendingZero == zero) {
      pendingEnd = end;
    } else {
      flush();
      pendingFirst = from;
      pendingEnd = end;
      pendingZero = zero;
    }
    nextCluster = end;
  }

  private void flush() throws InterruptedException {
    if (pendingEnd > pendingFirst) {
      visitor.run(pendingFirst, pendingEnd - pendingFirst, pendingZero);
    }
    pendingFirst = pendingEnd;
  }
}
