package dev.kedge.engine.repair;

import dev.kedge.repository.Checksum;
import java.io.IOException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A layer's clusters and some more, which only Ceph has. */
record RunsWith(LayerRuns own, BitSet more) implements LayerRuns {
  private static final int LARGEST_RUN = 4096;

  @Override
  public void forEach(Visitor visitor) throws IOException {
    int[] next = {0};
    own.forEach(
        new Visitor() {
          @Override
          public void data(long first, @Nullable Checksum[] checksums) throws IOException {
            before(first);
            visitor.data(first, checksums);
            next[0] = (int) (first + checksums.length);
          }

          @Override
          public void zeroes(long first, long count) throws IOException {
            before(first);
            visitor.zeroes(first, count);
            next[0] = (int) (first + count);
          }

          private void before(long end) throws IOException {
            missing(visitor, next[0], (int) end);
          }
        });
    missing(visitor, next[0], more.length());
  }

  private void missing(Visitor visitor, int from, int end) throws IOException {
    int at = more.nextSetBit(from);
    while (at >= 0 && at < end) {
      int stop = Math.min(Math.min(more.nextClearBit(at), end), at + LARGEST_RUN);
      visitor.data(at, new Checksum[stop - at]);
      at = more.nextSetBit(stop);
    }
  }
}
