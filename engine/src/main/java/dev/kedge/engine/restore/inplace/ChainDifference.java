package dev.kedge.engine.restore.inplace;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.plan.ExtentList;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.SumsReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where two restore points of an image may differ, by what the layers hold that only one of them
 * builds on. That is taken from the sums files, which are under a digest, and not from the QCOW2
 * tables, which are not proven as long as nobody reads all of the file.
 */
final class ChainDifference {
  private final ImageStore store;

  ChainDifference(ImageStore store) {
    this.store = store;
  }

  /**
   * Adds the ranges in which the restore points may differ, the end of the shortest layer until the
   * end of the wanted point included.
   *
   * @return why that cannot be told; empty where it could
   */
  Optional<String> add(Manifest wanted, Manifest other, ExtentList into) {
    try {
      List<Manifest> unshared = unshared(wanted, other);
      if (unshared.isEmpty() && !wanted.id().equals(other.id())) {
        return Optional.of(
            "restore point "
                + other.id()
                + ", of the image's snapshot, has no"
                + " ancestor in common with the wanted one");
      }
      long shortest = Math.min(wanted.sizeBytes(), other.sizeBytes());
      for (Manifest layer : unshared) {
        shortest = Math.min(shortest, layer.sizeBytes());
        addLayer(layer, wanted.sizeBytes(), into);
      }
      into.add(shortest, wanted.sizeBytes() - shortest, false);
      return Optional.empty();
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.VERIFICATION_FAILED && e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      return Optional.of(e.getMessage());
    }
  }

  // The layers above the nearest common ancestor, on both sides; none where there is no such.
  private List<Manifest> unshared(Manifest wanted, Manifest other) {
    List<Manifest> layers = new ArrayList<>(store.chain(wanted.id()));
    List<Manifest> others = new ArrayList<>(store.chain(other.id()));
    if (!layers.getLast().id().equals(others.getLast().id())) {
      return List.of();
    }
    while (!layers.isEmpty()
        && !others.isEmpty()
        && layers.getLast().id().equals(others.getLast().id())) {
      layers.removeLast();
      others.removeLast();
    }
    layers.addAll(others);
    return layers;
  }

  private void addLayer(Manifest layer, long limitBytes, ExtentList into) {
    try (SumsReader sums = store.openSums(layer)) {
      long clusterBytes = sums.clusterSizeBytes();
      while (sums.next()) {
        long start = sums.firstCluster() * clusterBytes;
        long end = Math.min(limitBytes, start + sums.count() * clusterBytes);
        into.add(start, end - start, false);
      }
    }
  }
}
