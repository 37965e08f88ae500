package dev.kedge.engine.retention;

import dev.kedge.repository.Checksum;
import dev.kedge.repository.SumsReader;
import dev.kedge.repository.SumsWriter;

/**
 * The checksums of a layer with some clusters changed. What is changed comes in ascending order;
 * what is not is copied from the old sums file. Not thread-safe.
 */
final class SumsOverlay {
  private final SumsReader base;
  private final SumsWriter out;
  private final long clusters;
  private boolean more;
  private long next;

  /**
   * Starts.
   *
   * @param clusters how many the image has from now on; later ones go
   */
  SumsOverlay(SumsReader base, SumsWriter out, long clusters) {
    this.base = base;
    this.out = out;
    this.clusters = clusters;
    this.more = base.next();
  }

  void data(long cluster, Checksum checksum) {
    copyUntil(cluster);
    out.data(cluster, checksum);
    next = cluster + 1;
  }

  void zeroes(long first, long count) {
    copyUntil(first);
    out.zeroes(first, count);
    next = first + count;
  }

  /** The layer no longer has these clusters. */
  void absent(long first, long count) {
    copyUntil(first);
    next = first + count;
  }

  /** Copies the rest. The old file has been proven by its digest when this returns. */
  SumsWriter.Summary finish() {
    copyUntil(clusters);
    while (more) {
      more = base.next();
    }
    return out.finish();
  }

  private void copyUntil(long limit) {
    while (more && base.firstCluster() < limit) {
      long end = base.firstCluster() + base.count();
      long from = Math.max(base.firstCluster(), next);
      long to = Math.min(end, limit);
      if (from < to) {
        copy(from, to);
      }
      if (end > limit) {
        break;
      }
      more = base.next();
    }
    next = Math.max(next, limit);
  }

  private void copy(long from, long to) {
    if (base.kind() == SumsReader.Kind.ZERO) {
      out.zeroes(from, to - from);
      return;
    }
    for (long cluster = from; cluster < to; cluster++) {
      int index = (int) (cluster - base.firstCluster());
      out.data(cluster, base.high(index), base.low(index));
    }
  }
}
