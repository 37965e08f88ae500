package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Compares the stored refcounts of a file with the references that were counted; the refcount
 * blocks are references, too. One use, not thread-safe.
 */
final class RefcountCheck {
  private static final int CHUNK_BYTES = 64 << 10;

  private final Qcow2File file;
  private final ClusterSize clusterSize;
  private final int order;
  private final long hostClusters;
  private final HostUse use;
  private final Findings findings;
  private final LongList windows = new LongList();
  private final LongList blockOffsets = new LongList();

  RefcountCheck(Qcow2File file, long hostClusters, HostUse use, Findings findings) {
    this.file = file;
    this.clusterSize = file.header().clusterSize();
    this.order = file.header().refcountOrder();
    this.hostClusters = hostClusters;
    this.use = use;
    this.findings = findings;
  }

  void run() throws IOException {
    readTable();
    long entriesPerBlock = (clusterSize.bytes() * 8L) >> order;
    long next = 0;
    for (int i = 0; i < windows.size() && next < hostClusters; i++) {
      long first = windows.get(i) * entriesPerBlock;
      compareUncovered(next, Math.min(first, hostClusters));
      long end = Math.min(first + entriesPerBlock, hostClusters);
      compareBlock(blockOffsets.get(i), first, end);
      next = Math.max(next, end);
    }
    compareUncovered(next, hostClusters);
  }

  private void readTable() throws IOException {
    Qcow2Header header = file.header();
    L2Slice slice = new L2Slice();
    long total = (long) header.refcountTableClusters() << (clusterSize.bits() - 3);
    for (long first = 0; first < total; first += L2Slice.MAX_ENTRIES) {
      int count = (int) Math.min(L2Slice.MAX_ENTRIES, total - first);
      slice.read(file.input(), header.refcountTableOffset() + first * 8, count);
      for (int i = 0; i < count; i++) {
        if (slice.get(i) != 0) {
          addBlock(first + i, slice.get(i));
        }
      }
    }
  }

  private void addBlock(long window, long offset) {
    boolean placed =
        offset > 0
            && clusterSize.isAligned(offset)
            && offset <= file.fileLengthBytes() - clusterSize.bytes();
    if (!placed) {
      findings.corruption("refcount block " + window + " lies outside the file");
    } else if (!use.markOther(offset >> clusterSize.bits())) {
      findings.corruption("refcount block " + window + " overlaps something at " + offset);
    } else {
      windows.add(window);
      blockOffsets.add(offset);
    }
  }

  private void compareUncovered(long from, long to) {
    for (long cluster = from; cluster < to; cluster++) {
      compare(cluster, 0);
    }
  }

  private void compareBlock(long blockOffset, long from, long to) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(CHUNK_BYTES, clusterSize.bytes()));
    int perChunk = (chunk.capacity() * 8) >> order;
    for (long first = from; first < to; first += perChunk) {
      long position = blockOffset + ((first - from) << order) / 8;
      file.input().readFully(position, chunk.clear());
      int count = (int) Math.min(perChunk, to - first);
      for (int i = 0; i < count; i++) {
        compare(first + i, refcount(chunk, i));
      }
    }
  }

  private void compare(long cluster, long stored) {
    int counted = use.count(cluster);
    if (Long.compareUnsigned(stored, counted) > 0) {
      findings.leak();
    } else if (stored != counted) {
      findings.corruption(
          "cluster " + cluster + " has refcount " + stored + ", but " + counted + " references");
    }
  }

  // Widths below a byte start at the least significant bit (qcow2.txt, "Host cluster management").
  private long refcount(ByteBuffer block, int index) {
    return switch (order) {
      case 3 -> Byte.toUnsignedLong(block.get(index));
      case 4 -> Short.toUnsignedLong(block.getShort(index * 2));
      case 5 -> Integer.toUnsignedLong(block.getInt(index * 4));
      case 6 -> block.getLong(index * 8);
      default -> {
        int perByte = 3 - order;
        int shift = (index & ((1 << perByte) - 1)) << order;
        yield (block.get(index >> perByte) >> shift) & ((1 << (1 << order)) - 1);
      }
    };
  }
}
