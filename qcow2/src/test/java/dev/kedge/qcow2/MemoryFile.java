package dev.kedge.qcow2;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;

/**
 * A file in memory, written and read; counts what is read. Behind its bytes it may go on with
 * zeroes, as a sparse file does. Not thread-safe.
 */
final class MemoryFile implements AppendOutput, RandomAccessInput {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private byte[] bytes = new byte[0];
  private int headerBytes;
  private long lengthBytes;
  private long bytesRead;
  private int reads;

  MemoryFile() {}

  MemoryFile(byte[] bytes, long lengthBytes) {
    this.bytes = bytes;
    this.lengthBytes = lengthBytes;
  }

  @Override
  public void reserveHeader(int length) {
    headerBytes = length;
  }

  @Override
  public void append(ByteBuffer source, Part part) {
    byte[] piece = new byte[source.remaining()];
    source.get(piece);
    written.writeBytes(piece);
  }

  @Override
  public void writeHeader(ByteBuffer header) {
    bytes = new byte[headerBytes + written.size()];
    header.get(bytes, 0, headerBytes);
    System.arraycopy(written.toByteArray(), 0, bytes, headerBytes, written.size());
    lengthBytes = bytes.length;
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public void readFully(long position, ByteBuffer dst) throws EOFException {
    if (position < 0 || dst.remaining() > lengthBytes - position) {
      throw new EOFException("at " + position);
    }
    reads++;
    bytesRead += dst.remaining();
    if (position < bytes.length) {
      dst.put(bytes, (int) position, (int) Math.min(dst.remaining(), bytes.length - position));
    }
    while (dst.hasRemaining()) {
      dst.put((byte) 0);
    }
  }

  byte[] bytes() {
    return bytes;
  }

  long bytesRead() {
    return bytesRead;
  }

  int reads() {
    return reads;
  }
}
