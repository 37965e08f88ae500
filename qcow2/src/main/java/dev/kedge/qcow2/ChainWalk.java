package dev.kedge.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * One pass over a range of a chain. Works window by window: the gaps that the layers above left
 * open are intersected with what a layer holds, and a layer without a table in the window is
 * skipped. So a deep chain of small increments costs little more than its extents. Not thread-safe.
 */
final class ChainWalk {
  /** Bounds the extents of a window; a multiple of the largest cluster for every cluster size. */
  private static final int WINDOW_CLUSTERS = 8192;

  private final List<Qcow2File> layers;
  private final ExtentJoiner out;
  private final L2Slice slice = new L2Slice();
  private final List<LayerExtent> resolved = new ArrayList<>();
  private final Gaps gaps = new Gaps();
  private final long[] visibleEnds;
  private final long[] nextMapped;
  private final long windowBytes;

  private record LayerExtent(int layer, Extent extent) {}

  ChainWalk(List<Qcow2File> layers, ExtentJoiner out) {
    this.layers = layers;
    this.out = out;
    this.visibleEnds = visibleEnds(layers);
    this.nextMapped = new long[layers.size()];
    int smallest =
        layers.stream().mapToInt(l -> l.header().clusterSize().bytes()).min().orElseThrow();
    this.windowBytes = (long) WINDOW_CLUSTERS * smallest;
  }

  // What lies behind the end of a layer hides the layers below as zeroes do.
  private static long[] visibleEnds(List<Qcow2File> layers) {
    long[] ends = new long[layers.size()];
    long end = Long.MAX_VALUE;
    for (int i = 0; i < ends.length; i++) {
      end = Math.min(end, layers.get(i).header().virtualSizeBytes());
      ends[i] = end;
    }
    return ends;
  }

  void walk(long from, long to) throws IOException {
    Arrays.fill(nextMapped, -1);
    long at = from;
    while (at < to) {
      long mapped = Math.min(to, nextMapped(at));
      if (at < mapped) {
        visitUnmapped(at, mapped, out);
        at = mapped;
      } else {
        long end = Math.min(to, at - at % windowBytes + windowBytes);
        resolve(at, end);
        at = end;
      }
    }
  }

  private long nextMapped(long at) {
    long next = Long.MAX_VALUE;
    for (int i = 0; i < nextMapped.length; i++) {
      if (nextMapped[i] < at) {
        long mapped = layers.get(i).nextMapped(at);
        nextMapped[i] = mapped < visibleEnds[i] ? mapped : Long.MAX_VALUE;
      }
      next = Math.min(next, nextMapped[i]);
    }
    return next;
  }

  private void resolve(long from, long to) throws IOException {
    resolved.clear();
    gaps.reset(from, to);
    for (int i = 0; i < layers.size() && !gaps.isEmpty(); i++) {
      long start = gaps.start();
      long end = Math.min(gaps.end(), visibleEnds[i]);
      if (nextMapped[i] < end && start < end && layers.get(i).nextMapped(start) < end) {
        resolveFrom(i, start, end);
      }
    }
    gaps.forEach((start, end) -> visitUnmapped(start, end, this::add));
    resolved.sort(Comparator.comparingLong(r -> r.extent().guestOffset()));
    for (LayerExtent r : resolved) {
      out.visit(r.layer(), r.extent());
    }
  }

  private void resolveFrom(int layer, long start, long end) throws IOException {
    ExtentVisitor cut =
        extent -> {
          if (extent.kind() != Extent.Kind.UNALLOCATED) {
            gaps.cut(extent, piece -> add(layer, piece));
          }
        };
    layers.get(layer).forEachExtent(start, end - start, cut, slice);
    gaps.endPass();
  }

  private void add(int layer, Extent extent) {
    resolved.add(new LayerExtent(layer, extent));
  }

  private void visitUnmapped(long from, long to, ChainVisitor visitor) throws IOException {
    long shortestEnd = Math.clamp(visibleEnds[visibleEnds.length - 1], from, to);
    if (from < shortestEnd) {
      visitor.visit(-1, new Extent(from, shortestEnd - from, Extent.Kind.UNALLOCATED, 0, 0));
    }
    if (shortestEnd < to) {
      visitor.visit(-1, new Extent(shortestEnd, to - shortestEnd, Extent.Kind.ZERO, 0, 0));
    }
  }
}
