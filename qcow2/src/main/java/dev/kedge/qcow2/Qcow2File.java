package dev.kedge.qcow2;

import dev.kedge.base.KedgeException;
import java.io.EOFException;
import java.io.IOException;
import java.util.zip.DataFormatException;

/**
 * One QCOW2 file, read only. Keeps its header and 12 bytes for each L2 table; L2 tables are read in
 * slices when extents are asked for. Thread-safe. Failures: VERIFICATION_FAILED for damage, REFUSED
 * for what is not supported (encryption, external data, extended L2), IOException from the input.
 */
public final class Qcow2File {
  private final RandomAccessInput in;
  private final String name;
  private final long fileLengthBytes;
  private final Qcow2Header header;
  private final L1Map l1;

  private Qcow2File(RandomAccessInput in, String name, Qcow2Header header, L1Map l1)
      throws IOException {
    this.in = in;
    this.name = name;
    this.fileLengthBytes = in.lengthBytes();
    this.header = header;
    this.l1 = l1;
  }

  /** Reads header and L1 table and checks them; the name is for messages. */
  public static Qcow2File open(RandomAccessInput in, String name) throws IOException {
    try {
      Qcow2Header header = HeaderDecoder.decode(in, name);
      return new Qcow2File(in, name, header, L1Map.read(in, header, name));
    } catch (EOFException e) {
      throw Damage.damaged(name, "it is cut off", e);
    }
  }

  /** The name that messages use. */
  public String name() {
    return name;
  }

  /** What the header says. */
  public Qcow2Header header() {
    return header;
  }

  /** Where the bytes come from. */
  public RandomAccessInput input() {
    return in;
  }

  /** The length of the file itself in bytes. */
  public long fileLengthBytes() {
    return fileLengthBytes;
  }

  /** The failure to report where a compressed cluster of this file cannot be decompressed. */
  public KedgeException damaged(long guestOffset, DataFormatException cause) {
    return Damage.damaged(
        name,
        "the compressed cluster at guest offset " + guestOffset + ": " + cause.getMessage(),
        cause);
  }

  /** How many L2 tables the file has. */
  public int tableCount() {
    return l1.size();
  }

  /**
   * Visits the extents that cover a range of guest bytes, clipped to it and to the virtual size, in
   * ascending order: as long as possible, one cluster each for COMPRESSED. Empty stretches cost
   * nothing. Memory: one slice of an L2 table, at most 64 KiB.
   */
  public void forEachExtent(long guestOffset, long lengthBytes, ExtentVisitor visitor)
      throws IOException {
    forEachExtent(guestOffset, lengthBytes, visitor, new L2Slice());
  }

  /** The same with a slice that the caller keeps for many calls. */
  void forEachExtent(long guestOffset, long lengthBytes, ExtentVisitor visitor, L2Slice slice)
      throws IOException {
    long from = Math.max(0, guestOffset);
    long sizeBytes = header.virtualSizeBytes();
    long to = lengthBytes > sizeBytes - from ? sizeBytes : from + lengthBytes;
    ExtentJoiner joiner = new ExtentJoiner((layer, extent) -> visitor.visit(extent));
    new ExtentWalk(this, l1, joiner, slice).walk(from, to);
    joiner.finish();
  }

  /** The first guest offset from here on that an L2 table maps; Long.MAX_VALUE where none does. */
  long nextMapped(long guestOffset) {
    int position = l1.firstFrom(guestOffset);
    return position == l1.size() ? Long.MAX_VALUE : Math.max(guestOffset, l1.guestOffset(position));
  }

  L1Map l1() {
    return l1;
  }
}
