package dev.kedge.engine.repair;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.SumsReader;
import java.io.IOException;
import java.util.Optional;

/** What a layer has to hold by its checksums, which are sound. */
record RunsOfSums(ImageStore store, Manifest layer) implements LayerRuns {
  /** Empty where they are damaged, or missing. */
  static Optional<LayerRuns> open(ImageStore store, Manifest layer) {
    try (SumsReader sums = store.openSums(layer)) {
      boolean fits =
          sums.clusterSizeBytes() == layer.file().clusterSizeBytes()
              && sums.imageSizeBytes() == layer.sizeBytes();
      boolean more = fits;
      while (more) {
        more = sums.next();
      }
      return fits ? Optional.of(new RunsOfSums(store, layer)) : Optional.empty();
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.VERIFICATION_FAILED || e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void forEach(Visitor visitor) throws IOException {
    try (SumsReader sums = store.openSums(layer)) {
      while (sums.next()) {
        if (sums.kind() == SumsReader.Kind.ZERO) {
          visitor.zeroes(sums.firstCluster(), sums.count());
        } else {
          Checksum[] checksums = new Checksum[(int) sums.count()];
          for (int i = 0; i < checksums.length; i++) {
            checksums[i] = sums.checksum(i);
          }
          visitor.data(sums.firstCluster(), checksums);
        }
      }
    }
  }
}
