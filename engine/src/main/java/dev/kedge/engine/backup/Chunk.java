package dev.kedge.engine.backup;

import dev.kedge.ceph.AioCompletion;
import dev.kedge.repository.Checksum;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some clusters on their way from Ceph to the target. A cluster's place in the buffer follows from
 * its place in the chunk; runs of clusters need not touch each other in the image. One thread at a
 * time holds a chunk.
 */
final class Chunk {
  /** What a cluster turned out to be. */
  enum Kind {
    /** Holds data, to be stored as it is. */
    DATA,
    /** Holds data, to be stored in its compressed form, which lies where the cluster was. */
    COMPRESSED,
    /** Reads as zeroes, which hides what the parent holds there. */
    ZERO,
    /** Reads as zeroes where nothing lies below: a hole says so as well, and costs nothing. */
    HOLE,
    /** Reads as the parent does: nothing is stored. */
    SAME
  }

  // Clusters that follow each other in the image, and are known to be zero without being read.
  final long zeroFirst;
  final long zeroCount;

  final int clusterBytes;
  final long[] clusters;
  final Kind[] kinds;
  final @Nullable Checksum[] checksums;
  final int[] compressedBytes;
  final List<AioCompletion> reads = new ArrayList<>();
  // What the parent holds, where this is a re-based backup; null entries read as zeroes there.
  final @Nullable Checksum @Nullable [] base;

  int count;
  long readBytes;
  @Nullable MemorySegment buffer;

  private Chunk(
      long zeroFirst, long zeroCount, int capacity, int clusterBytes, boolean compareWithBase) {
    this.zeroFirst = zeroFirst;
    this.zeroCount = zeroCount;
    this.clusterBytes = clusterBytes;
    this.clusters = new long[capacity];
    this.kinds = new Kind[capacity];
    this.checksums = new @Nullable Checksum[capacity];
    this.compressedBytes = new int[capacity];
    this.base = compareWithBase ? new @Nullable Checksum[capacity] : null;
  }

  static Chunk toRead(int capacity, int clusterBytes, boolean compareWithBase) {
    return new Chunk(0, 0, capacity, clusterBytes, compareWithBase);
  }

  static Chunk knownZero(long firstCluster, long count, int clusterBytes) {
    return new Chunk(firstCluster, count, 0, clusterBytes, false);
  }

  boolean isFull() {
    return count == clusters.length;
  }

  MemorySegment clusterSegment(int i) {
    return buffer().asSlice((long) i * clusterBytes, clusterBytes);
  }

  MemorySegment compressedSegment(int i) {
    return clusterSegment(i).asSlice(0, compressedBytes[i]);
  }

  MemorySegment buffer() {
    if (buffer == null) {
      throw new IllegalStateException("the chunk has no buffer");
    }
    return buffer;
  }
}
