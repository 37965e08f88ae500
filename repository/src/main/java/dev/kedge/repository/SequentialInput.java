package dev.kedge.repository;

import java.nio.ByteBuffer;

/** Reads an object once from start to end through a window, and digests it. Not thread-safe. */
final class SequentialInput {
  private final ObjectInput input;
  private final long lengthBytes;
  private final ChecksumStream digest = new ChecksumStream();
  private final ByteBuffer window;
  private long readBytes;

  /** The window must hold the longest piece that is asked for. */
  SequentialInput(ObjectInput input, long lengthBytes, int windowBytes) {
    this.input = input;
    this.lengthBytes = lengthBytes;
    this.window = ByteBuffer.allocate(windowBytes).flip();
  }

  /** How many bytes have been taken. */
  long position() {
    return readBytes - window.remaining();
  }

  /** Whether that many bytes are left to take. */
  boolean has(int bytes) {
    return bytes <= lengthBytes - position();
  }

  /**
   * Takes the next bytes, of which there must be as many.
   *
   * @return where they start in {@link #window}, until the next call
   */
  int take(int bytes) {
    if (window.remaining() < bytes) {
      fill();
    }
    int at = window.position();
    window.position(at + bytes);
    return at;
  }

  private void fill() {
    window.compact();
    int start = window.position();
    window.limit((int) Math.min(window.capacity(), start + (lengthBytes - readBytes)));
    input.readFully(readBytes, window);
    window.flip();
    readBytes += window.limit() - start;
    digest.update(window.duplicate().position(start));
  }

  /** The bytes taken last, by absolute index only. */
  ByteBuffer window() {
    return window;
  }

  /** The digest of everything, once everything has been taken. */
  Checksum digest() {
    return digest.checksum();
  }
}
