package dev.kedge.engine.repair;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.verify.LayerTables;
import dev.kedge.qcow2.Extent;
import dev.kedge.qcow2.Qcow2File;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import java.io.IOException;
import java.util.Optional;

/** What a layer has to hold by its tables, which are sound; its checksums are lost. */
record RunsOfTables(ImageStore store, Manifest layer) implements LayerRuns {
  private static final int LARGEST_RUN = 4096;

  /** Empty where the tables are not proven to be as they were written. */
  static Optional<LayerRuns> open(ImageStore store, Manifest layer, CancelToken cancel) {
    return LayerTables.areAsWritten(store, layer, cancel)
        ? Optional.of(new RunsOfTables(store, layer))
        : Optional.empty();
  }

  @Override
  public void forEach(Visitor visitor) throws IOException {
    int clusterBytes = layer.file().clusterSizeBytes();
    try (ObjectInput input = store.openData(layer)) {
      Qcow2File file = Qcow2File.open(input, layer.file().name());
      file.forEachExtent(
          0,
          layer.sizeBytes(),
          extent -> {
            long first = extent.guestOffset() / clusterBytes;
            long count = (extent.lengthBytes() + clusterBytes - 1) / clusterBytes;
            if (extent.kind() == Extent.Kind.ZERO) {
              visitor.zeroes(first, count);
            } else if (extent.kind() != Extent.Kind.UNALLOCATED) {
              for (long at = 0; at < count; at += LARGEST_RUN) {
                visitor.data(first + at, new Checksum[(int) Math.min(LARGEST_RUN, count - at)]);
              }
            }
          });
    }
  }
}
