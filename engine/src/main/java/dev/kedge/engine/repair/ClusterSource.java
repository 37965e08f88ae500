package dev.kedge.engine.repair;

import dev.kedge.repository.Checksum;
import dev.kedge.repository.Checksummer;
import dev.kedge.repository.Manifest;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Gets clusters of a layer from its own file, or from Ceph where that is damaged: whichever gives
 * what the checksum says. For one thread.
 */
final class ClusterSource {
  /** Where a cluster came from. */
  enum Origin {
    /** The file is right. */
    FILE,
    /** The file is not, and Ceph still has it. */
    CEPH,
    /** Neither has it: overwritten in the image since. */
    LOST
  }

  private final DamagedFile file;
  private final SourceContent ceph;
  private final long sizeBytes;
  private final int clusterBytes;
  private final Checksummer checksummer = new Checksummer();
  private @Nullable Checksum found;

  ClusterSource(DamagedFile file, SourceContent ceph, Manifest layer) {
    this.file = file;
    this.ceph = ceph;
    this.sizeBytes = layer.sizeBytes();
    this.clusterBytes = layer.file().clusterSizeBytes();
  }

  /** Prepares for clusters that follow each other. */
  void window(long first, int count) {
    file.window(first, count);
  }

  /**
   * Fills a buffer of one cluster. What is lost is filled with what the file holds, or with zeroes.
   *
   * @param expected null where only Ceph can tell
   */
  Origin get(long cluster, @Nullable Checksum expected, MemorySegment into) {
    found = expected;
    if (expected != null && file.read(cluster, into) && is(expected, into)) {
      return Origin.FILE;
    }
    readCeph(cluster, into);
    if (expected == null) {
      found = checksummer.of(into);
      return Origin.CEPH;
    }
    if (is(expected, into)) {
      return Origin.CEPH;
    }
    if (!file.read(cluster, into)) {
      into.fill((byte) 0);
    }
    return Origin.LOST;
  }

  /** The checksum to store for what was got last. */
  Checksum checksum() {
    if (found == null) {
      throw new IllegalStateException("nothing was got yet");
    }
    return found;
  }

  private boolean is(Checksum expected, MemorySegment bytes) {
    return checksummer.of(bytes).equals(expected);
  }

  // A layer of an image that grew since ends in zeroes.
  private void readCeph(long cluster, MemorySegment into) {
    long offset = cluster * clusterBytes;
    long inLayer = Math.min(clusterBytes, sizeBytes - offset);
    into.asSlice(inLayer).fill((byte) 0);
    ceph.read(offset, into.asSlice(0, inLayer));
  }
}
