package dev.kedge.engine.repair;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.qcow2.Extent;
import dev.kedge.qcow2.Qcow2Chain;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** Collects the clusters of a restore point in which it shows what is lost in a layer below it. */
final class ShownThrough implements LayerRepair.LostVisitor {
  private final ImageStore store;
  private final Manifest newest;
  private final UUID layer;
  private final BitSet clusters;

  ShownThrough(ImageStore store, Manifest newest, UUID layer, BitSet clusters) {
    this.store = store;
    this.newest = newest;
    this.layer = layer;
    this.clusters = clusters;
  }

  @Override
  public void lost(long offset, long lengthBytes) throws IOException {
    long end = Math.min(offset + lengthBytes, newest.sizeBytes());
    if (offset >= end) {
      return;
    }
    try (RestorePointReader reader = RestorePointReader.open(store, newest.id())) {
      List<Manifest> manifests = reader.manifests();
      int index =
          IntStream.range(0, manifests.size())
              .filter(i -> manifests.get(i).id().equals(layer))
              .findFirst()
              .orElseThrow();
      int clusterBytes = newest.file().clusterSizeBytes();
      Qcow2Chain.of(reader.layers())
          .forEachExtent(
              offset,
              end - offset,
              (found, extent) -> {
                if (found == index && extent.kind() != Extent.Kind.ZERO) {
                  clusters.set(
                      Math.toIntExact(extent.guestOffset() / clusterBytes),
                      Math.toIntExact((extent.endOffset() - 1) / clusterBytes) + 1);
                }
              });
    } catch (KedgeException e) {
      // The chain cannot be opened: nothing is shown by anybody.
      DamagedFile.requireDamage(e);
    }
  }
}
