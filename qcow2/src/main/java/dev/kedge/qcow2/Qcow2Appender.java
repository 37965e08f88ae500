package dev.kedge.qcow2;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.qcow2.AppendOutput.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Puts the clusters of a later state into a finished file without touching a byte of it: clusters
 * and new tables are appended, and {@link #finish} returns the one sector that, written over the
 * file's first, makes them count. Until then the file is what it was, for whoever reads it; and
 * whoever had opened it before goes on reading what it was for as long as nobody reuses or gives
 * back what then is dead.
 *
 * <p>Costs the clusters given, an L2 table for each window of the guest that they touch, the L1 and
 * the refcount table, and the refcount blocks in which something changes: nothing that grows with
 * the data in the file, but for the small tables. Memory: as for {@link Qcow2Writer}, the refcount
 * table, a bit for each host cluster, and 4 bytes for each one that is new or no longer needed, in
 * pages of 16 KiB. Guest offsets ascend strictly. Not thread-safe.
 *
 * <p>Only for files that {@link Qcow2Writer} or this has made; others are REFUSED.
 */
public final class Qcow2Appender implements ClusterWriter {
  /** What is written at once, so that a crash leaves the old header or the new one. */
  public static final int SECTOR_BYTES = 512;

  private static final int REFCOUNT_ORDER = 4;

  /** As in {@link Qcow2Writer}. */
  private static final int MAX_STORED_RUN = 8;

  private final Qcow2File base;
  private final WriterOptions options;
  private final ClusterSize clusterSize;
  private final TableFormat format;
  private final L2Entries entries;
  private final AppendBuffer buffer;
  private final RefcountChanges changes;
  private final RefcountTable refcounts;
  private final L1Table l1;
  private final L2Window l2;
  private final StoredFrame storedFrame;
  private final long maxLengthBytes;
  private long nextGuestOffset;
  private final BitSet dead = new BitSet();
  private boolean finished;

  /**
   * Starts behind the end of a file.
   *
   * @param out appends to that file
   * @param virtualSizeBytes its new virtual size; what lies behind goes
   * @param compression what {@link #writeCompressed} is given: the file's own, or any where the
   *     file has no compressed cluster
   */
  public Qcow2Appender(
      Qcow2File base, AppendOutput out, long virtualSizeBytes, Compression compression)
      throws IOException {
    Qcow2Header header = base.header();
    requireOurs(base);
    this.base = base;
    this.clusterSize = header.clusterSize();
    this.options = new WriterOptions(virtualSizeBytes, clusterSize, compression, header.backing());
    this.format = new TableFormat(clusterSize);
    this.entries = new L2Entries(header, base.fileLengthBytes());
    this.buffer = new AppendBuffer(out, base.fileLengthBytes());
    this.changes = new RefcountChanges(clusterSize);
    this.refcounts = RefcountTable.read(base);
    this.l1 = new L1Table(clusterSize, virtualSizeBytes);
    this.l2 = new L2Window(clusterSize);
    this.storedFrame = new StoredFrame(compression, clusterSize);
    this.maxLengthBytes = 1L << Math.min(55, 62 - (clusterSize.bits() - 8));
    L1Map tables = base.l1();
    for (int i = 0; i < tables.size() && tables.index(i) < l1.entries(); i++) {
      l1.set(tables.index(i), tables.hostOffset(i) | TableFormat.COPIED);
    }
  }

  private static void requireOurs(Qcow2File base) throws IOException {
    Qcow2Header header = base.header();
    ByteBuffer first = ByteBuffer.allocate(header.clusterSize().bytes());
    base.input().readFully(0, first);
    boolean ours =
        header.version() == 3
            && header.refcountOrder() == REFCOUNT_ORDER
            && header.snapshotCount() == 0
            && !header.hasBitmaps()
            && !header.dirty()
            && header.clusterSize().bits() >= ClusterSize.MIN_WRITE_BITS
            && header.clusterSize().isAligned(base.fileLengthBytes())
            && isZeroFrom(first, SECTOR_BYTES);
    if (!ours) {
      throw Damage.unsupported(base.name(), "appending to a QCOW2 file that Kedge has not made");
    }
  }

  private static boolean isZeroFrom(ByteBuffer bytes, int from) {
    for (int i = from; i < bytes.capacity(); i++) {
      if (bytes.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void writeData(long guestOffset, ByteBuffer clusters) throws IOException {
    int lengthBytes = clusters.remaining();
    if (lengthBytes == 0 || !clusterSize.isAligned(lengthBytes)) {
      throw new IllegalArgumentException("not whole clusters: " + lengthBytes + " B");
    }
    advance(guestOffset, lengthBytes);
    int limit = clusters.limit();
    boolean packs =
        options.compression() != Compression.NONE
            && !clusterSize.isAligned(buffer.position())
            && lengthBytes >> clusterSize.bits() <= MAX_STORED_RUN;
    for (long guest = guestOffset; clusters.position() < limit; guest += clusterSize.bytes()) {
      clusters.limit(clusters.position() + clusterSize.bytes());
      if (packs) {
        pack(guest, storedFrame.wrap(clusters));
      } else {
        set(guest, append(clusters, Part.PLAIN_CLUSTERS) | TableFormat.COPIED);
      }
      clusters.limit(limit);
    }
  }

  @Override
  public void writeCompressed(long guestOffset, ByteBuffer compressed) throws IOException {
    int lengthBytes = compressed.remaining();
    if (options.compression() == Compression.NONE
        || lengthBytes == 0
        || lengthBytes >= clusterSize.bytes()) {
      throw new IllegalArgumentException("not a compressed cluster: " + lengthBytes + " B");
    }
    advance(guestOffset, clusterSize.bytes());
    pack(guestOffset, compressed);
  }

  /** In a file that stands alone the clusters become unallocated, which says the same. */
  @Override
  public void writeZeroes(long guestOffset, long lengthBytes) throws IOException {
    boolean toEnd = guestOffset + lengthBytes == options.virtualSizeBytes();
    if (lengthBytes <= 0 || !(toEnd || clusterSize.isAligned(lengthBytes))) {
      throw new IllegalArgumentException("not whole clusters: " + lengthBytes + " B");
    }
    long end = guestOffset + clusterSize.roundUp(lengthBytes);
    advance(guestOffset, end - guestOffset);
    boolean standsAlone = options.backing() == null;
    long at = guestOffset;
    while (at < end) {
      if (standsAlone && !hasTable(at)) {
        at = windowEnd(at);
      } else {
        set(at, standsAlone ? 0 : TableFormat.ZERO);
        at += clusterSize.bytes();
      }
    }
  }

  private boolean hasTable(long guestOffset) {
    return l2.covers(guestOffset) || base.nextMapped(guestOffset) < windowEnd(guestOffset);
  }

  private long windowEnd(long guestOffset) {
    long window = clusterSize.l2WindowBytes();
    return (guestOffset / window + 1) * window;
  }

  private void pack(long guestOffset, ByteBuffer payload) throws IOException {
    // Before the payload: a table that ends a window must not come between it and its sector.
    enterWindow(guestOffset);
    int lengthBytes = payload.remaining();
    checkLength(lengthBytes);
    long offset = buffer.position();
    if (changes.get(cluster(offset)) >= RefcountBlock.MAX_COUNT) {
      buffer.padTo(clusterSize.roundUp(offset));
      offset = buffer.position();
    }
    buffer.append(payload, Part.COMPRESSED_CLUSTERS);
    changes.add(cluster(offset), cluster(offset + lengthBytes - 1) + 1, 1);
    set(guestOffset, format.compressedEntry(offset, lengthBytes));
  }

  /** Appends one cluster, aligned. */
  private long append(ByteBuffer bytes, Part part) throws IOException {
    buffer.padTo(clusterSize.roundUp(buffer.position()));
    checkLength(clusterSize.bytes());
    long offset = buffer.position();
    changes.add(cluster(offset), 1);
    buffer.append(bytes, part);
    return offset;
  }

  private void set(long guestOffset, long entry) throws IOException {
    enterWindow(guestOffset);
    release(l2.get(guestOffset), guestOffset);
    l2.set(guestOffset, entry);
  }

  private void enterWindow(long guestOffset) throws IOException {
    if (l2.covers(guestOffset)) {
      return;
    }
    endWindow();
    l2.moveTo(guestOffset);
    int table = base.l1().firstFrom(guestOffset);
    if (table < base.l1().size() && base.l1().index(table) == l2.index()) {
      l2.load(base.input(), base.l1().hostOffset(table));
      changes.add(cluster(base.l1().hostOffset(table)), -1);
    }
  }

  private void endWindow() throws IOException {
    if (l2.index() >= 0) {
      long entry = l2.isEmpty() ? 0 : append(l2.bytes(), Part.TABLES) | TableFormat.COPIED;
      l1.set(l2.index(), entry);
    }
  }

  /** Nothing refers any more to what an entry of the file pointed to. */
  private void release(long entry, long guestOffset) {
    @Nullable String problem = entries.problem(entry, guestOffset);
    if (problem != null) {
      throw Damage.damaged(base.name(), problem + " (guest offset " + guestOffset + ")");
    }
    long host = entries.hostOffset(entry);
    switch (L2Entries.kind(entry)) {
      case COMPRESSED ->
          changes.add(
              cluster(host), cluster(host + entries.compressedLengthBytes(entry) - 1) + 1, -1);
      case DATA -> changes.add(cluster(host), -1);
      case ZERO -> {
        if (host != 0) {
          changes.add(cluster(host), -1);
        }
      }
      case UNALLOCATED -> {}
    }
  }

  /** Appends the tables; the file counts as changed once the summary's header is written to it. */
  public AppendSummary finish() throws IOException {
    if (finished) {
      throw new IllegalStateException("the file is finished");
    }
    finished = true;
    dropBehindEnd();
    endWindow();
    buffer.padTo(clusterSize.roundUp(buffer.position()));
    Qcow2Header header = base.header();
    releaseTableAt(header.l1Offset(), header.l1Entries() * 8L);
    releaseTableAt(
        header.refcountTableOffset(), (long) header.refcountTableClusters() << clusterSize.bits());
    BitSet blocks = changes.blocks();
    Tail tail = planTail(blocks);
    checkLength(tail.endOffset() - buffer.position());
    blocks.stream()
        .filter(block -> refcounts.offset(block) != 0)
        .forEach(block -> changes.add(cluster(refcounts.offset(block)), -1));
    changes.add(cluster(tail.l1Offset()), cluster(tail.endOffset()), 1);
    l1.writeTo(buffer);
    buffer.padTo(tail.refcountTableOffset());
    writeRefcountTable(tail, blocks);
    for (int block = blocks.nextSetBit(0); block >= 0; block = blocks.nextSetBit(block + 1)) {
      writeRefcountBlock(block);
    }
    buffer.flush();
    return new AppendSummary(
        tail.endOffset(),
        tail.endOffset() - base.fileLengthBytes(),
        (long) dead.cardinality() << clusterSize.bits(),
        header(tail));
  }

  /**
   * Visits what nothing refers to any more once the header is written; readers that have the file
   * open from before still do.
   */
  public void forEachDead(FreeSpace.Visitor visitor) throws IOException {
    int end = 0;
    for (int start = dead.nextSetBit(0); start >= 0; start = dead.nextSetBit(end)) {
      end = dead.nextClearBit(start);
      visitor.free((long) start << clusterSize.bits(), (long) (end - start) << clusterSize.bits());
    }
  }

  private void dropBehindEnd() throws IOException {
    long end = clusterSize.roundUp(options.virtualSizeBytes());
    long old = base.header().virtualSizeBytes();
    if (end < old && end % clusterSize.l2WindowBytes() != 0 && hasTable(end)) {
      for (long at = end; at < windowEnd(end); at += clusterSize.bytes()) {
        set(at, 0);
      }
    }
    L1Map tables = base.l1();
    L2Slice slice = new L2Slice();
    for (int table = 0; table < tables.size(); table++) {
      if (tables.guestOffset(table) >= end) {
        releaseTable(table, slice);
      }
    }
  }

  private void releaseTable(int table, L2Slice slice) throws IOException {
    long hostOffset = base.l1().hostOffset(table);
    int total = clusterSize.l2Entries();
    for (int first = 0; first < total; first += L2Slice.MAX_ENTRIES) {
      int count = Math.min(L2Slice.MAX_ENTRIES, total - first);
      slice.read(base.input(), hostOffset + first * 8L, count);
      for (int i = 0; i < count; i++) {
        long guest = base.l1().guestOffset(table) + ((long) (first + i) << clusterSize.bits());
        release(slice.get(i), guest);
      }
    }
    changes.add(cluster(hostOffset), -1);
    if (base.l1().index(table) < l1.entries()) {
      l1.set(base.l1().index(table), 0);
    }
  }

  private void releaseTableAt(long offset, long lengthBytes) {
    changes.add(cluster(offset), cluster(offset + clusterSize.roundUp(lengthBytes)), -1);
  }

  /**
   * Finds the smallest tail. A block that changes is written anew, which changes the block that
   * counts it; and so do the clusters of the tail.
   *
   * @param blocks those that change; grows
   */
  private Tail planTail(BitSet blocks) {
    long l1Offset = buffer.position();
    long tableOffset = l1Offset + clusterSize.roundUp(l1.entries() * 8L);
    while (true) {
      int before = blocks.cardinality();
      long tableBytes = clusterSize.roundUp(Math.max(refcounts.size(), blocks.length()) * 8L);
      if (tableBytes > ClusterSize.MAX_REFCOUNT_TABLE_BYTES) {
        throw tooLong();
      }
      long firstBlock = tableOffset + tableBytes;
      long end = firstBlock + ((long) before << clusterSize.bits());
      blocks.set(changes.block(cluster(l1Offset)), changes.block(cluster(end - 1)) + 1);
      for (int block : blocks.stream().toArray()) {
        if (refcounts.offset(block) != 0) {
          blocks.set(changes.block(cluster(refcounts.offset(block))));
        }
      }
      if (blocks.cardinality() == before && blocks.length() * 8L <= tableBytes) {
        int clusters = (int) (tableBytes >> clusterSize.bits());
        return new Tail(l1Offset, tableOffset, clusters, firstBlock, end);
      }
    }
  }

  private void writeRefcountTable(Tail tail, BitSet blocks) throws IOException {
    long next = tail.firstBlockOffset();
    int last = Math.max(refcounts.size(), blocks.length());
    for (int block = 0; block < last; block++) {
      if (blocks.get(block)) {
        buffer.appendLong(next);
        next += clusterSize.bytes();
      } else {
        buffer.appendLong(refcounts.offset(block));
      }
    }
    buffer.padTo(tail.firstBlockOffset());
  }

  private void writeRefcountBlock(int block) throws IOException {
    ByteBuffer counts = ByteBuffer.allocate(clusterSize.bytes());
    if (refcounts.offset(block) != 0) {
      base.input().readFully(refcounts.offset(block), counts);
      counts.clear();
    }
    long first = (long) block * clusterSize.refcountBlockEntries();
    for (int i = 0; i < clusterSize.refcountBlockEntries(); i++) {
      int change = changes.get(first + i);
      if (change != 0) {
        int old = Short.toUnsignedInt(counts.getShort(i * Short.BYTES));
        int now = old + change;
        if (now < 0 || now > RefcountBlock.MAX_COUNT) {
          throw Damage.damaged(base.name(), "cluster " + (first + i) + " has a wrong refcount");
        }
        counts.putShort(i * Short.BYTES, (short) now);
        dead.set((int) (first + i), old > 0 && now == 0);
      }
    }
    buffer.append(counts, Part.TABLES);
  }

  private ByteBuffer header(Tail tail) {
    ByteBuffer cluster = HeaderEncoder.encode(options, tail, l1.entries());
    if (!isZeroFrom(cluster, SECTOR_BYTES)) {
      throw Damage.unsupported(base.name(), "a header that is longer than a sector");
    }
    return cluster.slice(0, SECTOR_BYTES);
  }

  private void advance(long guestOffset, long lengthBytes) {
    long endBytes = clusterSize.roundUp(options.virtualSizeBytes());
    if (finished
        || guestOffset < nextGuestOffset
        || !clusterSize.isAligned(guestOffset)
        || lengthBytes > endBytes - guestOffset) {
      throw new IllegalArgumentException(
          "clusters at " + guestOffset + ", " + lengthBytes + " B, after " + nextGuestOffset);
    }
    nextGuestOffset = guestOffset + lengthBytes;
  }

  private void checkLength(long moreBytes) {
    if (buffer.position() + moreBytes > maxLengthBytes) {
      throw tooLong();
    }
  }

  private KedgeException tooLong() {
    return new KedgeException(
        ErrorCode.REFUSED,
        base.name()
            + " grows beyond what QEMU opens with clusters of "
            + clusterSize.bytes()
            + " B");
  }

  private long cluster(long offset) {
    return offset >> clusterSize.bits();
  }
}
