package dev.kedge.qcow2;

import dev.kedge.qcow2.AppendOutput.Part;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Gathers small appends so that the output sees few calls; large ones pass through untouched. Not
 * thread-safe.
 */
final class AppendBuffer {
  private static final int CAPACITY_BYTES = 256 << 10;
  private static final int PASS_THROUGH_BYTES = 64 << 10;

  private final AppendOutput out;
  private final ByteBuffer pending = ByteBuffer.allocateDirect(CAPACITY_BYTES);
  private Part pendingPart = Part.TABLES;
  private long position;
  private long plainBytes;
  private long compressedBytes;
  private long tableBytes;

  /** The position is where the output's next byte lies in the file. */
  AppendBuffer(AppendOutput out, long position) {
    this.out = out;
    this.position = position;
  }

  long position() {
    return position;
  }

  long bytes(Part part) {
    return switch (part) {
      case PLAIN_CLUSTERS -> plainBytes;
      case COMPRESSED_CLUSTERS -> compressedBytes;
      case TABLES -> tableBytes;
    };
  }

  /** Consumes the buffer. */
  void append(ByteBuffer bytes, Part part) throws IOException {
    int length = bytes.remaining();
    count(length, part);
    if (part != pendingPart || length > pending.remaining()) {
      flush();
      pendingPart = part;
    }
    if (length >= PASS_THROUGH_BYTES) {
      flush();
      out.append(bytes, part);
    } else {
      pending.put(bytes);
    }
  }

  /** Appends a table entry, big-endian. */
  void appendLong(long value) throws IOException {
    if (pendingPart != Part.TABLES || pending.remaining() < Long.BYTES) {
      flush();
      pendingPart = Part.TABLES;
    }
    pending.putLong(value);
    count(Long.BYTES, Part.TABLES);
  }

  /** Appends plain clusters from another object. */
  void copy(String object, long from, long lengthBytes) throws IOException {
    flush();
    count(lengthBytes, Part.PLAIN_CLUSTERS);
    out.copyRange(object, from, lengthBytes);
  }

  private void count(long lengthBytes, Part part) {
    position += lengthBytes;
    switch (part) {
      case PLAIN_CLUSTERS -> plainBytes += lengthBytes;
      case COMPRESSED_CLUSTERS -> compressedBytes += lengthBytes;
      case TABLES -> tableBytes += lengthBytes;
    }
  }

  /** Zeroes up to a later position. */
  void padTo(long newPosition) throws IOException {
    while (position < newPosition && (position & 7) != 0) {
      append(ByteBuffer.allocate(1), Part.TABLES);
    }
    while (position < newPosition) {
      appendLong(0);
    }
  }

  void flush() throws IOException {
    if (pending.position() > 0) {
      out.append(pending.flip(), pendingPart);
      pending.clear();
    }
  }
}
