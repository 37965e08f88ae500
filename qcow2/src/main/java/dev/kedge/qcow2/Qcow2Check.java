package dev.kedge.qcow2;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.EOFException;
import java.io.IOException;

/**
 * Recounts every reference in a file and compares with what it says of itself, like {@code qemu-img
 * check}: refcounts, overlaps, ranges, copied flags. Memory: at most one byte for each host
 * cluster, then one bit. Reads every L2 table and refcount block once. One use, not thread-safe.
 */
public final class Qcow2Check {
  /** How many corruptions a report lists. */
  public static final int MAX_LISTED = 100;

  /** 256 MiB of memory at most: a file of 16 TiB with clusters of 64 KiB. */
  public static final long DEFAULT_MAX_HOST_CLUSTERS = 1L << 28;

  private final Qcow2File file;
  private final ClusterSize clusterSize;
  private final long hostClusters;
  private final HostUse use;
  private final L2Entries entries;
  private final L2Slice slice = new L2Slice();
  private final Findings findings = new Findings(MAX_LISTED);

  private Qcow2Check(Qcow2File file, long hostClusters) {
    this.file = file;
    this.clusterSize = file.header().clusterSize();
    this.hostClusters = hostClusters;
    this.use = new HostUse(hostClusters);
    this.entries = new L2Entries(file.header(), file.fileLengthBytes());
  }

  /**
   * Checks a file.
   *
   * @throws KedgeException with REFUSED for internal snapshots, bitmaps, or more than {@link
   *     #DEFAULT_MAX_HOST_CLUSTERS}
   */
  public static CheckReport check(Qcow2File file) throws IOException {
    return check(file, DEFAULT_MAX_HOST_CLUSTERS);
  }

  /** The same with a bound on memory: a byte for each host cluster, no more than 2^30. */
  public static CheckReport check(Qcow2File file, long maxHostClusters) throws IOException {
    if (file.header().snapshotCount() > 0 || file.header().hasBitmaps()) {
      throw Damage.unsupported(file.name(), "checking a file with internal snapshots or bitmaps");
    }
    int bits = file.header().clusterSize().bits();
    long hostClusters = ((file.fileLengthBytes() - 1) >> bits) + 1;
    if (hostClusters > Math.min(maxHostClusters, 1L << 30)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          file.name()
              + ": "
              + hostClusters
              + " clusters are more than the check has memory for: allow it more");
    }
    try {
      return new Qcow2Check(file, hostClusters).run();
    } catch (EOFException e) {
      throw Damage.damaged(file.name(), "it is cut off", e);
    }
  }

  private CheckReport run() throws IOException {
    countFixedTables();
    for (int table = 0; table < file.l1().size(); table++) {
      countTable(table);
    }
    new RefcountCheck(file, hostClusters, use, findings).run();
    return new CheckReport(
        findings.listed(), findings.count(), findings.leaks(), hostClusters, use.plainData());
  }

  private void countFixedTables() {
    Qcow2Header header = file.header();
    use.markOther(0);
    markTable("the L1 table", header.l1Offset(), header.l1Entries() * 8L);
    markTable(
        "the refcount table",
        header.refcountTableOffset(),
        (long) header.refcountTableClusters() << clusterSize.bits());
  }

  private void markTable(String what, long offset, long lengthBytes) {
    if (lengthBytes == 0) {
      return;
    }
    for (long at = offset; at < offset + lengthBytes; at += clusterSize.bytes()) {
      if (at < 0 || cluster(at) >= hostClusters) {
        findings.corruption(what + " reaches behind the end of the file");
        return;
      }
      if (!use.markOther(cluster(at))) {
        findings.corruption(what + " overlaps something at " + at);
      }
    }
  }

  private void countTable(int table) throws IOException {
    long tableOffset = file.l1().hostOffset(table);
    markTable("the L2 table of L1 entry " + file.l1().index(table), tableOffset, 1);
    checkCopied(file.l1().isCopied(table), true, "L1 entry " + file.l1().index(table));
    int total = clusterSize.l2Entries();
    for (int first = 0; first < total; first += L2Slice.MAX_ENTRIES) {
      int count = Math.min(L2Slice.MAX_ENTRIES, total - first);
      slice.read(file.input(), tableOffset + first * 8L, count);
      for (int i = 0; i < count; i++) {
        long guest = file.l1().guestOffset(table) + ((long) (first + i) << clusterSize.bits());
        if (slice.get(i) != 0) {
          countEntry(slice.get(i), guest);
        }
      }
    }
  }

  private void countEntry(long entry, long guestOffset) {
    String problem = entries.problem(entry, guestOffset);
    if (problem != null) {
      findings.corruption(problem + " (guest offset " + guestOffset + ")");
      return;
    }
    boolean copied = (entry & TableFormat.COPIED) != 0;
    long host = entries.hostOffset(entry);
    String where = "the cluster at guest offset " + guestOffset;
    switch (L2Entries.kind(entry)) {
      case DATA -> {
        checkCopied(copied, true, where);
        if (!use.markData(cluster(host))) {
          findings.corruption(where + " overlaps something at " + host);
        }
      }
      case COMPRESSED -> {
        checkCopied(copied, false, where);
        countCompressed(host, entries.compressedLengthBytes(entry), where);
      }
      case ZERO -> {
        if (host != 0) {
          checkCopied(copied, true, where);
          countPreallocated(host, where);
        }
      }
      case UNALLOCATED -> {}
    }
  }

  private void countCompressed(long host, int lengthBytes, String where) {
    for (long c = cluster(host); c <= cluster(host + lengthBytes - 1); c++) {
      if (!use.addCompressed(c)) {
        findings.corruption(where + " overlaps something at " + host);
      }
    }
  }

  private void countPreallocated(long host, String where) {
    if (!clusterSize.isAligned(host)) {
      findings.corruption(where + " is not aligned");
    } else {
      markTable(where, host, 1);
    }
  }

  private void checkCopied(boolean copied, boolean expected, String where) {
    if (copied != expected) {
      findings.corruption(where + (expected ? " lacks the copied flag" : " has the copied flag"));
    }
  }

  private long cluster(long offset) {
    return offset >> clusterSize.bits();
  }
}
