package dev.kedge.qcow2;

import dev.kedge.base.ByteSize;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import org.jspecify.annotations.Nullable;

/**
 * What a file to be written looks like.
 *
 * @param virtualSizeBytes the size that a guest sees; QEMU knows sectors only, so the header rounds
 *     it up to 512 bytes
 * @param clusterSize 4 KiB to 2 MiB
 * @param compression what {@link Qcow2Writer#writeCompressed} is given
 * @param backing the parent, or null for a file that stands alone
 */
public record WriterOptions(
    long virtualSizeBytes,
    ClusterSize clusterSize,
    Compression compression,
    @Nullable BackingFile backing) {

  /**
   * Checks what can be checked before the first byte.
   *
   * @throws KedgeException with REFUSED where the L1 table would exceed QEMU's 32 MiB, or the
   *     backing name is not plain
   */
  public WriterOptions {
    if (virtualSizeBytes < 0 || clusterSize.bits() < ClusterSize.MIN_WRITE_BITS) {
      throw new IllegalArgumentException(virtualSizeBytes + " B in " + clusterSize);
    }
    if (clusterSize.l1Entries(virtualSizeBytes) * 8 > ClusterSize.MAX_L1_BYTES) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "an image of "
              + ByteSize.format(virtualSizeBytes)
              + " needs a cluster size of at least "
              + ByteSize.format(ClusterSize.smallestFor(virtualSizeBytes).bytes())
              + ", not "
              + ByteSize.format(clusterSize.bytes()));
    }
    if (backing != null) {
      BackingNames.requirePlain(backing.name(), "a new QCOW2 file");
    }
  }
}
