package dev.kedge.engine.chain;

import dev.kedge.qcow2.Extent;
import dev.kedge.repository.Checksum;

/**
 * A visible stretch of one layer: either whole clusters, or the visible part of a single one.
 *
 * @param layer its place in the chain, the newest being 0
 * @param guestOffset where the stretch starts in the image, in bytes
 * @param lengthBytes how long it is
 * @param whole whether every cluster of it is visible as far as the layer's image reaches
 * @param kind DATA or COMPRESSED
 * @param clusterOffset where its first cluster starts in the image
 * @param hostOffset where its first cluster starts in the layer's file
 * @param hostBytes how much of the file holds it, at most
 * @param checksums what its clusters must hash to
 */
public record StoredPiece(
    int layer,
    long guestOffset,
    long lengthBytes,
    boolean whole,
    Extent.Kind kind,
    long clusterOffset,
    long hostOffset,
    long hostBytes,
    Checksums checksums) {

  /** Checksums of clusters that follow each other. */
  @SuppressWarnings("ArrayRecordComponent") // never compared; a list would double the memory
  public record Checksums(Checksum[] values) {}

  /** Where the stretch ends, exclusively. */
  public long guestEnd() {
    return guestOffset + lengthBytes;
  }
}
