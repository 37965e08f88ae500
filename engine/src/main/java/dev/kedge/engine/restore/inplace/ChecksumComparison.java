package dev.kedge.engine.restore.inplace;

import dev.kedge.ceph.AioCompletion;
import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.backup.BaseLookup;
import dev.kedge.engine.plan.ExtentList;
import dev.kedge.engine.restore.AllocatedRanges;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.Checksummer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads an image, as far as it or the restore point holds data, and finds the clusters that do not
 * hash to the restore point's checksums. Some reads are under way while one is hashed. One use, one
 * thread.
 */
final class ChecksumComparison implements AutoCloseable {
  private static final int BLOCK_BYTES = 4 << 20;
  private static final int BLOCKS = 4;

  private record Read(
      long firstCluster,
      List<@Nullable Checksum> expected,
      MemorySegment memory,
      AioCompletion done) {}

  private final RbdImage image;
  private final BaseLookup wanted;
  private final int clusterBytes;
  private final long sizeBytes;
  private final long readableBytes;
  private final Progress progress;
  private final CancelToken cancel;
  private final AllocatedRanges allocated;
  private final Checksummer checksummer = new Checksummer();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment zeroes;
  private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
  private final ArrayDeque<Read> underWay = new ArrayDeque<>();
  private final ExtentList differing = new ExtentList();
  private long readBytes;

  /**
   * A comparison.
   *
   * @param wanted what the restore point holds, in clusters of {@code clusterBytes}
   * @param sizeBytes the restore point's size
   */
  ChecksumComparison(
      RbdImage image,
      BaseLookup wanted,
      int clusterBytes,
      long sizeBytes,
      Progress progress,
      CancelToken cancel) {
    this.image = image;
    this.wanted = wanted;
    this.clusterBytes = clusterBytes;
    this.sizeBytes = sizeBytes;
    this.readableBytes = Math.min(sizeBytes, image.sizeBytes());
    this.progress = progress;
    this.cancel = cancel;
    this.allocated = new AllocatedRanges(image);
    this.zeroes = arena.allocate(clusterBytes);
    for (int i = 0; i < BLOCKS; i++) {
      free.add(arena.allocate(BLOCK_BYTES));
    }
  }

  /** The clusters that differ; normalised, and within the restore point's size. */
  ExtentList run() {
    progress.begin("compare", sizeBytes);
    for (long offset = 0; offset < sizeBytes; offset += BLOCK_BYTES) {
      cancel.check();
      compareBlock(offset, Math.min(BLOCK_BYTES, sizeBytes - offset));
    }
    while (!underWay.isEmpty()) {
      settleOldest();
    }
    return differing;
  }

  /** How much of the image was read. */
  long readBytes() {
    return readBytes;
  }

  private void compareBlock(long offset, long lengthBytes) {
    long first = offset / clusterBytes;
    List<@Nullable Checksum> expected = new ArrayList<>();
    for (long cluster = first; cluster * clusterBytes < offset + lengthBytes; cluster++) {
      expected.add(wanted.checksumOf(cluster));
    }
    boolean[] holdsData = new boolean[1];
    allocated.forEachIn(
        offset, lengthBytes, lengthBytes, (at, length) -> holdsData[0] |= length > 0);
    if (holdsData[0] || !expected.stream().allMatch(Objects::isNull)) {
      start(offset, lengthBytes, first, expected);
    } else {
      progress.advance(lengthBytes);
    }
  }

  private void start(
      long offset, long lengthBytes, long firstCluster, List<@Nullable Checksum> expected) {
    while (free.isEmpty()) {
      settleOldest();
    }
    MemorySegment memory = free.removeFirst();
    long inImage = Math.clamp(readableBytes - offset, 0, lengthBytes);
    // What lies behind the end of either counts as zeroes, as in the checksum of a last cluster.
    memory.asSlice(inImage).fill((byte) 0);
    if (inImage == 0) {
      note(firstCluster, expected, memory);
      free.addLast(memory);
      progress.advance(lengthBytes);
      return;
    }
    readBytes += inImage;
    AioCompletion done = image.readAsync(offset, memory.asSlice(0, inImage));
    underWay.addLast(new Read(firstCluster, expected, memory, done));
  }

  private void settleOldest() {
    Read read = underWay.removeFirst();
    read.done.await();
    note(read.firstCluster, read.expected, read.memory);
    free.addLast(read.memory);
    progress.advance((long) read.expected.size() * clusterBytes);
  }

  private void note(long firstCluster, List<@Nullable Checksum> expected, MemorySegment memory) {
    for (int i = 0; i < expected.size(); i++) {
      MemorySegment cluster = memory.asSlice((long) i * clusterBytes, clusterBytes);
      if (!isAsExpected(cluster, expected.get(i))) {
        long offset = (firstCluster + i) * clusterBytes;
        differing.add(offset, Math.min(clusterBytes, sizeBytes - offset), false);
      }
    }
  }

  private boolean isAsExpected(MemorySegment cluster, @Nullable Checksum expected) {
    return expected == null
        ? cluster.mismatch(zeroes) < 0
        : expected.equals(checksummer.of(cluster));
  }

  @Override
  public void close() {
    // librbd writes into the memory until then.
    underWay.forEach(read -> read.done.settle());
    arena.close();
  }
}
