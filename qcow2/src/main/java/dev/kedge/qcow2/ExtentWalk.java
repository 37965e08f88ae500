package dev.kedge.qcow2;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One pass over the L2 entries of a range. Not thread-safe. */
final class ExtentWalk {
  private final Qcow2File file;
  private final ClusterSize clusterSize;
  private final L1Map l1;
  private final L2Entries entries;
  private final ExtentJoiner out;
  private final L2Slice slice;

  ExtentWalk(Qcow2File file, L1Map l1, ExtentJoiner out, L2Slice slice) {
    this.file = file;
    this.clusterSize = file.header().clusterSize();
    this.l1 = l1;
    this.entries = new L2Entries(file.header(), file.fileLengthBytes());
    this.out = out;
    this.slice = slice;
  }

  void walk(long from, long to) throws IOException {
    long at = from;
    for (int table = l1.firstFrom(from); at < to; table++) {
      long mapped = table == l1.size() ? to : Math.min(to, l1.guestOffset(table));
      if (at < mapped) {
        out.visit(0, new Extent(at, mapped - at, Extent.Kind.UNALLOCATED, 0, 0));
        at = mapped;
      }
      if (at < to) {
        long end = Math.min(to, l1.guestOffset(table) + clusterSize.l2WindowBytes());
        walkTable(table, at, end);
        at = end;
      }
    }
  }

  private void walkTable(int table, long from, long to) throws IOException {
    long base = l1.guestOffset(table);
    int first = (int) ((from - base) >> clusterSize.bits());
    int end = (int) ((to - 1 - base) >> clusterSize.bits()) + 1;
    while (first < end) {
      int count = Math.min(L2Slice.MAX_ENTRIES, end - first);
      slice.read(file.input(), l1.hostOffset(table) + first * 8L, count);
      for (int i = 0; i < count; i++) {
        visit(base + ((long) (first + i) << clusterSize.bits()), slice.get(i), from, to);
      }
      first += count;
    }
  }

  private void visit(long guestOffset, long entry, long from, long to) throws IOException {
    @Nullable String problem = entries.problem(entry, guestOffset);
    if (problem != null) {
      throw Damage.damaged(file.name(), problem + " (guest offset " + guestOffset + ")");
    }
    Extent.Kind kind = L2Entries.kind(entry);
    long host = 0;
    long hostLength = 0;
    if (kind == Extent.Kind.DATA) {
      host = entries.hostOffset(entry);
      hostLength = clusterSize.bytes();
    } else if (kind == Extent.Kind.COMPRESSED) {
      host = entries.hostOffset(entry);
      hostLength = entries.compressedLengthBytes(entry);
    }
    Extent whole = new Extent(guestOffset, clusterSize.bytes(), kind, host, hostLength);
    boolean inside = guestOffset >= from && whole.endOffset() <= to;
    out.visit(
        0,
        inside ? whole : whole.clip(Math.max(from, guestOffset), Math.min(to, whole.endOffset())));
  }
}
