package dev.kedge.engine.retention;

import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.qcow2.Extent;
import dev.kedge.qcow2.Qcow2Chain;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A restore point and the layers right below it that can go into it.
 *
 * @param child the restore point, or a retired layer that several build on
 * @param retired the layers, the lowest last; none where only the child's own dead space is meant
 */
record MergeRun(Manifest child, List<Manifest> retired) {
  MergeRun {
    retired = List.copyOf(retired);
  }

  /**
   * The runs of an image, those with the oldest restore point first. A layer that several build on
   * stays: none of them can have its file.
   */
  static List<MergeRun> of(PointListing listing) {
    List<MergeRun> runs = new ArrayList<>();
    for (Manifest layer : listing.layers()) {
      boolean endsRun = !layer.isRetired() || listing.childrenOf(layer.id()).size() > 1;
      if (!endsRun) {
        continue;
      }
      List<Manifest> retired = new ArrayList<>();
      Manifest below = mergeable(layer, listing);
      while (below != null) {
        retired.add(below);
        below = mergeable(below, listing);
      }
      if (!retired.isEmpty()) {
        runs.add(new MergeRun(layer, retired));
      }
    }
    return runs;
  }

  private static @Nullable Manifest mergeable(Manifest layer, PointListing listing) {
    UUID parent = layer.parent();
    if (parent == null || listing.childrenOf(parent).size() != 1) {
      return null;
    }
    return listing.find(parent).filter(Manifest::isRetired).orElse(null);
  }

  /** The layers, the newest first. */
  List<Manifest> layers() {
    List<Manifest> layers = new ArrayList<>(List.of(child));
    layers.addAll(retired);
    return layers;
  }

  /** The lowest layer. */
  Manifest base() {
    return retired.isEmpty() ? child : retired.getLast();
  }

  /** The space that the files take. */
  long storedBytes() {
    return layers().stream()
        .mapToLong(layer -> layer.file().storedBytes() + layer.sums().lengthBytes())
        .sum();
  }

  /**
   * How much there is to see.
   *
   * @param liveBytes what the child shows of these layers, as it is stored
   * @param upperBytes how much of that lies above the lowest
   */
  record Size(long liveBytes, long upperBytes) {}

  Size measure(ImageStore store) throws IOException {
    try (RestorePointReader chain = RestorePointReader.open(store, child.id())) {
      long[] live = new long[2];
      int lowest = retired.size();
      Qcow2Chain merged = Qcow2Chain.of(List.copyOf(chain.layers().subList(0, lowest + 1)));
      merged.forEachExtent(
          0,
          merged.virtualSizeBytes(),
          (layer, extent) -> {
            if (layer >= 0 && extent.kind() != Extent.Kind.ZERO) {
              long stored = stored(extent, chain.clusterBytes(layer));
              live[0] += stored;
              live[1] += layer < lowest ? stored : 0;
            }
          });
      return new Size(live[0], live[1]);
    }
  }

  private static long stored(Extent extent, int clusterBytes) {
    return switch (extent.kind()) {
      case DATA -> extent.hostLengthBytes();
      case COMPRESSED -> extent.hostLengthBytes() * extent.lengthBytes() / clusterBytes;
      case ZERO, UNALLOCATED -> 0;
    };
  }
}
