package dev.kedge.qcow2;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.qcow2.AppendOutput.Part;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The file as a writer fills it: places clusters, counts references, and appends each refcount
 * block as the first cluster after the host window that it covers. Not thread-safe.
 */
final class HostFile {
  private final ClusterSize clusterSize;
  private final AppendBuffer buffer;
  private final RefcountBlock refcounts;
  private final LongList refcountBlockOffsets = new LongList();
  private final long maxLengthBytes;

  HostFile(AppendOutput out, ClusterSize clusterSize) throws IOException {
    this.clusterSize = clusterSize;
    this.buffer = new AppendBuffer(out, clusterSize.bytes());
    this.refcounts = new RefcountBlock(clusterSize);
    // The offset field of a compressed cluster is the narrowest: 49 bits with 2 MiB clusters.
    this.maxLengthBytes = 1L << Math.min(55, 62 - (clusterSize.bits() - 8));
    out.reserveHeader(clusterSize.bytes());
    refcounts.increment(0);
  }

  long position() {
    return buffer.position();
  }

  boolean isAligned() {
    return clusterSize.isAligned(position());
  }

  long bytes(Part part) {
    return buffer.bytes(part);
  }

  /** Starts a new host cluster and tells how many of the wanted ones can follow in one run. */
  int startClusters(int wanted) throws IOException {
    padToCluster();
    if (cluster(position()) == refcounts.endCluster()) {
      endWindow();
    }
    return (int) Math.min(wanted, refcounts.endCluster() - cluster(position()));
  }

  /** Appends whole clusters at an aligned position, no more than {@link #startClusters} allowed. */
  long appendClusters(ByteBuffer bytes, Part part) throws IOException {
    long offset = position();
    int length = bytes.remaining();
    checkLength(length);
    refcounts.increment(cluster(offset), cluster(offset + length));
    buffer.append(bytes, part);
    return offset;
  }

  /** The same with clusters that lie in another object. */
  long copyClusters(String object, long position, long lengthBytes) throws IOException {
    long offset = position();
    checkLength(lengthBytes);
    refcounts.increment(cluster(offset), cluster(offset + lengthBytes));
    buffer.copy(object, position, lengthBytes);
    return offset;
  }

  /** Appends the payload of a compressed cluster right behind the last one. */
  long appendPacked(ByteBuffer payload) throws IOException {
    int length = payload.remaining();
    makeRoomForPacked(length);
    checkLength(length);
    long offset = position();
    refcounts.increment(cluster(offset), cluster(offset + length - 1) + 1);
    buffer.append(payload, Part.COMPRESSED_CLUSTERS);
    return offset;
  }

  private void makeRoomForPacked(int length) throws IOException {
    if (cluster(position() + length - 1) >= refcounts.endCluster()) {
      buffer.padTo(refcounts.endCluster() << clusterSize.bits());
      endWindow();
    } else if (refcounts.get(cluster(position())) == RefcountBlock.MAX_COUNT) {
      padToCluster();
      makeRoomForPacked(length);
    }
  }

  private void padToCluster() throws IOException {
    buffer.padTo(clusterSize.roundUp(position()));
  }

  private void endWindow() throws IOException {
    long offset = position();
    buffer.append(refcounts.bytes(), Part.TABLES);
    refcountBlockOffsets.add(offset);
    refcounts.next();
    refcounts.increment(cluster(offset));
  }

  /** Appends the L1 table, the refcount table and the remaining refcount blocks, and flushes. */
  Tail finish(L1Table l1) throws IOException {
    padToCluster();
    Tail tail = Tail.plan(position(), l1.entries(), refcountBlockOffsets.size(), clusterSize);
    checkLength(tail.endOffset() - position());
    l1.writeTo(buffer);
    buffer.padTo(tail.refcountTableOffset());
    writeRefcountTable(tail);
    writeLastRefcountBlocks(tail);
    buffer.flush();
    return tail;
  }

  private void writeRefcountTable(Tail tail) throws IOException {
    for (int i = 0; i < refcountBlockOffsets.size(); i++) {
      buffer.appendLong(refcountBlockOffsets.get(i));
    }
    for (long offset = tail.firstBlockOffset();
        offset < tail.endOffset();
        offset += clusterSize.bytes()) {
      buffer.appendLong(offset);
    }
    buffer.padTo(tail.firstBlockOffset());
  }

  // From the L1 table to the end of the file every cluster is used once.
  private void writeLastRefcountBlocks(Tail tail) throws IOException {
    long next = cluster(tail.l1Offset());
    while (position() < tail.endOffset()) {
      long end = Math.min(cluster(tail.endOffset()), refcounts.endCluster());
      refcounts.increment(next, end);
      next = Math.max(next, end);
      buffer.append(refcounts.bytes(), Part.TABLES);
      refcounts.next();
    }
  }

  private void checkLength(long moreBytes) {
    long endBytes = position() + moreBytes;
    // Two more blocks: the one that this window still needs, and one that the tail may add.
    boolean tableFull =
        (refcountBlockOffsets.size() + 2L) * Long.BYTES > ClusterSize.MAX_REFCOUNT_TABLE_BYTES;
    if (tableFull || endBytes > maxLengthBytes) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "the QCOW2 file grows beyond what QEMU opens with clusters of "
              + clusterSize.bytes()
              + " B: choose a larger cluster size");
    }
  }

  private long cluster(long offset) {
    return offset >> clusterSize.bits();
  }
}
