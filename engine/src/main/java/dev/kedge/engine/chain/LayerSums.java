package dev.kedge.engine.chain;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.SumsReader;

/** The checksums of one layer, asked for in ascending order. Not thread-safe. */
final class LayerSums implements AutoCloseable {
  private final Manifest manifest;
  private final SumsReader reader;
  private boolean more;

  private LayerSums(Manifest manifest, SumsReader reader) {
    this.manifest = manifest;
    this.reader = reader;
    this.more = reader.next();
  }

  static LayerSums open(ImageStore store, Manifest manifest) {
    SumsReader reader = store.openSums(manifest);
    try {
      return new LayerSums(manifest, reader);
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
  }

  /** The checksum of a cluster that the layer's QCOW2 says holds data. */
  Checksum dataChecksum(long cluster) {
    while (more && reader.firstCluster() + reader.count() <= cluster) {
      more = reader.next();
    }
    if (!more || cluster < reader.firstCluster() || reader.kind() != SumsReader.Kind.DATA) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          "restore point "
              + manifest.id()
              + " is damaged: "
              + manifest.file().name()
              + " holds data in cluster "
              + cluster
              + ", and "
              + manifest.sums().name()
              + " knows no checksum for it");
    }
    return reader.checksum(Math.toIntExact(cluster - reader.firstCluster()));
  }

  @Override
  public void close() {
    reader.close();
  }
}
