package dev.kedge.qcow2;

/**
 * A run of guest bytes that one file stores in one way.
 *
 * @param guestOffset where the run starts for the guest, in bytes
 * @param lengthBytes its length for the guest; clipped to the range that was asked for
 * @param kind how it is stored
 * @param hostOffset DATA: where its first byte lies in the file; COMPRESSED: where the payload of
 *     the whole cluster starts; else 0
 * @param hostLengthBytes DATA: the same as lengthBytes; COMPRESSED: an upper bound of the payload's
 *     length, since the format counts sectors; else 0
 */
public record Extent(
    long guestOffset, long lengthBytes, Kind kind, long hostOffset, long hostLengthBytes) {
  /** How a run is stored. */
  public enum Kind {
    /** As it is, contiguous in the file. */
    DATA,
    /** One compressed cluster, or a part of one. */
    COMPRESSED,
    /** It reads as zeroes, whatever the backing file holds. */
    ZERO,
    /** Not in this file: the backing file shows through; without one it reads as zeroes. */
    UNALLOCATED
  }

  /** The first guest byte behind the run. */
  public long endOffset() {
    return guestOffset + lengthBytes;
  }

  /** The part of this run between two guest offsets inside it. */
  Extent clip(long from, long to) {
    boolean data = kind == Kind.DATA;
    return new Extent(
        from,
        to - from,
        kind,
        data ? hostOffset + (from - guestOffset) : hostOffset,
        data ? to - from : hostLengthBytes);
  }

  /** Whether another run continues this one, in the guest and in the file. */
  boolean continuesWith(Extent next) {
    return kind == next.kind
        && endOffset() == next.guestOffset
        && kind != Kind.COMPRESSED
        && (kind != Kind.DATA || hostOffset + hostLengthBytes == next.hostOffset);
  }

  /** This run and the one that continues it. */
  Extent join(Extent next) {
    return new Extent(
        guestOffset,
        lengthBytes + next.lengthBytes,
        kind,
        hostOffset,
        hostLengthBytes + next.hostLengthBytes);
  }
}
