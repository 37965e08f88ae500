package dev.kedge.engine.verify;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.qcow2.Extent;
import dev.kedge.qcow2.Qcow2File;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import dev.kedge.repository.SumsReader;
import java.io.IOException;

/**
 * Compares a layer's QCOW2 tables with its sums file: each cluster that one calls data, zero or
 * absent, the other must call so too. Reads the sums file to its end, and so proves its digest.
 */
public final class SumsConsistency {
  private static final int SECTOR_BYTES = 512;

  private final ImageStore store;
  private final Manifest layer;
  private long runBytes;
  private long fileBytes;

  /** For one layer; one use. */
  public SumsConsistency(ImageStore store, Manifest layer) {
    this.store = store;
    this.layer = layer;
  }

  /**
   * Reads tables and checksums, and no data.
   *
   * @throws KedgeException with VERIFICATION_FAILED where they differ, or either is damaged
   */
  public void verify() throws IOException {
    try (ObjectInput input = store.openData(layer);
        SumsReader sums = store.openSums(layer)) {
      Qcow2File file = Qcow2File.open(input, layer.file().name());
      long size = file.header().virtualSizeBytes();
      if (sums.clusterSizeBytes() != file.header().clusterSize().bytes()
          || sums.imageSizeBytes() != layer.sizeBytes()
          || size != (layer.sizeBytes() + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES) {
        throw differs("the size of the clusters or of the image");
      }
      while (sums.next()) {
        compare(file, sums, size);
      }
      file.forEachExtent(
          0,
          size,
          extent -> {
            if (extent.kind() != Extent.Kind.UNALLOCATED) {
              fileBytes += extent.lengthBytes();
            }
          });
      if (fileBytes != runBytes) {
        throw differs("how much the layer holds");
      }
    }
  }

  private void compare(Qcow2File file, SumsReader sums, long size) throws IOException {
    boolean zero = sums.kind() == SumsReader.Kind.ZERO;
    long offset = sums.firstCluster() * sums.clusterSizeBytes();
    long length = Math.min(sums.count() * sums.clusterSizeBytes(), size - offset);
    runBytes += length;
    file.forEachExtent(
        offset,
        length,
        extent -> {
          boolean agrees =
              zero
                  ? extent.kind() == Extent.Kind.ZERO
                  : extent.kind() == Extent.Kind.DATA || extent.kind() == Extent.Kind.COMPRESSED;
          if (!agrees) {
            throw differs("what is at offset " + extent.guestOffset());
          }
        });
  }

  private KedgeException differs(String what) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        layer.file().name() + " and " + layer.sums().name() + " do not agree on " + what);
  }
}
