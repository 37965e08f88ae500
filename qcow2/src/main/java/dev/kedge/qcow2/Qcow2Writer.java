package dev.kedge.qcow2;

import dev.kedge.qcow2.AppendOutput.Part;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes a QCOW2 version 3 file from front to back. Guest offsets ascend strictly and are aligned
 * to clusters; whatever is not written stays unallocated. Memory: three clusters, 256 KiB, and the
 * parts of the L1 table in use; it does not grow with the data. Not thread-safe. Misuse is an
 * IllegalArgumentException; a file that outgrows QEMU's limits is REFUSED.
 */
public final class Qcow2Writer implements ClusterWriter {
  /**
   * How many incompressible clusters in a row are packed as stored frames before it is cheaper to
   * pad once and go on with plain clusters: the padding is then at most 1/16 of what they take.
   */
  private static final int MAX_STORED_RUN = 8;

  private final AppendOutput out;
  private final WriterOptions options;
  private final ClusterSize clusterSize;
  private final TableFormat format;
  private final HostFile file;
  private final L1Table l1;
  private final L2Window l2;
  private final StoredFrame storedFrame;
  private long nextGuestOffset;
  private int storedRun;
  private long dataClusters;
  private long compressedClusters;
  private long storedClusters;
  private long zeroClusters;
  private boolean finished;

  /** Reserves the header in the output. */
  public Qcow2Writer(AppendOutput out, WriterOptions options) throws IOException {
    this.out = out;
    this.options = options;
    this.clusterSize = options.clusterSize();
    this.format = new TableFormat(clusterSize);
    this.file = new HostFile(out, clusterSize);
    this.l1 = new L1Table(clusterSize, options.virtualSizeBytes());
    this.l2 = new L2Window(clusterSize);
    this.storedFrame = new StoredFrame(options.compression(), clusterSize);
  }

  /**
   * Writes one or more whole clusters and consumes the buffer; the caller pads the last cluster of
   * the image with zeroes. A long run reaches the output as it is, without a copy. Where a few
   * clusters follow compressed ones they are packed as stored frames.
   */
  @Override
  public void writeData(long guestOffset, ByteBuffer clusters) throws IOException {
    int lengthBytes = clusters.remaining();
    if (lengthBytes == 0 || !clusterSize.isAligned(lengthBytes)) {
      throw new IllegalArgumentException("not whole clusters: " + lengthBytes + " B");
    }
    advance(guestOffset, lengthBytes);
    int limit = clusters.limit();
    long guest = guestOffset;
    while (clusters.hasRemaining()) {
      int wanted = (limit - clusters.position()) >> clusterSize.bits();
      int written = packsNext(wanted) ? packStored(guest, clusters) : place(guest, clusters);
      clusters.limit(limit);
      guest += (long) written << clusterSize.bits();
    }
  }

  /**
   * The same with plain clusters that lie in another object of the output's place.
   *
   * @param object as {@link AppendOutput#copyRange} knows it
   */
  public void copyData(long guestOffset, String object, long position, long lengthBytes)
      throws IOException {
    if (lengthBytes == 0 || !clusterSize.isAligned(lengthBytes)) {
      throw new IllegalArgumentException("not whole clusters: " + lengthBytes + " B");
    }
    advance(guestOffset, lengthBytes);
    long done = 0;
    while (done < lengthBytes) {
      long guest = guestOffset + done;
      enterWindow(guest);
      int wanted =
          (int) Math.min(l2.clustersFrom(guest), (lengthBytes - done) >> clusterSize.bits());
      int count = file.startClusters(wanted);
      long bytes = (long) count << clusterSize.bits();
      refer(guest, file.copyClusters(object, position + done, bytes), count);
      done += bytes;
    }
  }

  /** Writes one cluster that {@link ClusterCompressor} has made smaller; consumes the buffer. */
  @Override
  public void writeCompressed(long guestOffset, ByteBuffer compressed) throws IOException {
    int lengthBytes = compressed.remaining();
    if (options.compression() == Compression.NONE
        || lengthBytes == 0
        || lengthBytes >= clusterSize.bytes()) {
      throw new IllegalArgumentException("not a compressed cluster: " + lengthBytes + " B");
    }
    advance(guestOffset, clusterSize.bytes());
    storedRun = 0;
    pack(guestOffset, compressed);
  }

  /** Marks clusters as zero; the length may end at the virtual size instead of a cluster. */
  @Override
  public void writeZeroes(long guestOffset, long lengthBytes) throws IOException {
    boolean toEnd = guestOffset + lengthBytes == options.virtualSizeBytes();
    if (lengthBytes <= 0 || !(toEnd || clusterSize.isAligned(lengthBytes))) {
      throw new IllegalArgumentException("not whole clusters: " + lengthBytes + " B");
    }
    long roundedBytes = clusterSize.roundUp(lengthBytes);
    advance(guestOffset, roundedBytes);
    for (long at = guestOffset; at < guestOffset + roundedBytes; at += clusterSize.bytes()) {
      enterWindow(at);
      l2.set(at, TableFormat.ZERO);
      zeroClusters++;
    }
  }

  /** Writes the remaining tables and the header; the writer cannot be used any more. */
  public WriterSummary finish() throws IOException {
    checkOpen();
    finished = true;
    endWindow();
    Tail tail = file.finish(l1);
    out.writeHeader(HeaderEncoder.encode(options, tail, l1.entries()));
    return new WriterSummary(
        tail.endOffset(),
        file.bytes(Part.PLAIN_CLUSTERS),
        file.bytes(Part.COMPRESSED_CLUSTERS),
        file.bytes(Part.TABLES) + clusterSize.bytes(),
        dataClusters,
        compressedClusters,
        storedClusters,
        zeroClusters);
  }

  private boolean packsNext(int wanted) {
    return options.compression() != Compression.NONE
        && !file.isAligned()
        && storedRun + wanted <= MAX_STORED_RUN;
  }

  private int packStored(long guestOffset, ByteBuffer clusters) throws IOException {
    clusters.limit(clusters.position() + clusterSize.bytes());
    pack(guestOffset, storedFrame.wrap(clusters));
    storedRun++;
    storedClusters++;
    return 1;
  }

  private void pack(long guestOffset, ByteBuffer payload) throws IOException {
    enterWindow(guestOffset);
    int lengthBytes = payload.remaining();
    l2.set(guestOffset, format.compressedEntry(file.appendPacked(payload), lengthBytes));
    compressedClusters++;
  }

  /** Places as many clusters as fit before the next table, sets the limit to them. */
  private int place(long guestOffset, ByteBuffer clusters) throws IOException {
    enterWindow(guestOffset);
    int wanted = clusters.remaining() >> clusterSize.bits();
    int count = file.startClusters(Math.min(wanted, l2.clustersFrom(guestOffset)));
    clusters.limit(clusters.position() + (count << clusterSize.bits()));
    refer(guestOffset, file.appendClusters(clusters, Part.PLAIN_CLUSTERS), count);
    return count;
  }

  private void refer(long guestOffset, long host, int count) {
    for (int i = 0; i < count; i++) {
      long delta = (long) i << clusterSize.bits();
      l2.set(guestOffset + delta, (host + delta) | TableFormat.COPIED);
    }
    dataClusters += count;
  }

  private void enterWindow(long guestOffset) throws IOException {
    if (!l2.covers(guestOffset)) {
      endWindow();
      l2.moveTo(guestOffset);
    }
  }

  private void endWindow() throws IOException {
    if (l2.index() >= 0) {
      file.startClusters(1);
      l1.set(l2.index(), file.appendClusters(l2.bytes(), Part.TABLES) | TableFormat.COPIED);
    }
  }

  private void advance(long guestOffset, long lengthBytes) {
    checkOpen();
    long endBytes = clusterSize.roundUp(options.virtualSizeBytes());
    if (guestOffset < nextGuestOffset
        || !clusterSize.isAligned(guestOffset)
        || lengthBytes > endBytes - guestOffset) {
      throw new IllegalArgumentException(
          "clusters at " + guestOffset + ", " + lengthBytes + " B, after " + nextGuestOffset);
    }
    nextGuestOffset = guestOffset + lengthBytes;
  }

  private void checkOpen() {
    if (finished) {
      throw new IllegalStateException("the file is finished");
    }
  }
}
