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
  private final Qcow2File file;
  private final SumsReader sums;
  private final Manifest layer;
  private long runBytes;
  private long fileBytes;

  private SumsConsistency(Qcow2File file, SumsReader sums, Manifest layer) {
    this.file = file;
    this.sums = sums;
    this.layer = layer;
  }

  /**
   * Compares the two files of a layer.
   *
   * @throws KedgeException with VERIFICATION_FAILED where they do not agree
   */
  public static void verify(ImageStore store, Manifest layer) throws IOException {
    try (ObjectInput input = store.openData(layer);
        SumsReader sums = store.openSums(layer)) {
      verify(Qcow2File.open(input, layer.file().name()), sums, layer);
    }
  }

  /** The same for files that are open already. */
  public static void verify(Qcow2File file, SumsReader sums, Manifest layer) throws IOException {
    new SumsConsistency(file, sums, layer).verify();
  }

  private void verify() throws IOException {
    long size = file.header().virtualSizeBytes();
    if (sums.clusterSizeBytes() != file.header().clusterSize().bytes()
        || sums.imageSizeBytes() != layer.sizeBytes()) {
      throw differs("the size of the clusters or of the image");
    }
    while (sums.next()) {
      compare(size);
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

  private void compare(long size) throws IOException {
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
