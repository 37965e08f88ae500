package dev.kedge.repository.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A part of an object, off the heap, in pieces that are added as it fills. Not thread-safe; it may
 * be handed from thread to thread.
 */
final class PartBuffer implements AutoCloseable {
  private static final int PIECE_BYTES = 256 << 10;

  private final int maxBytes;
  private final Arena arena = Arena.ofShared();
  private final List<ByteBuffer> pieces = new ArrayList<>();
  private int lengthBytes;

  PartBuffer(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  int lengthBytes() {
    return lengthBytes;
  }

  /** How many bytes it takes until it is full. */
  int room() {
    return maxBytes - lengthBytes;
  }

  boolean isFull() {
    return lengthBytes == maxBytes;
  }

  /** Takes as many bytes as it has room for. */
  void fill(ByteBuffer bytes) {
    int count = Math.min(bytes.remaining(), maxBytes - lengthBytes);
    int start = lengthBytes;
    grow(start + count);
    copy(bytes, count, start);
  }

  private void grow(int newLengthBytes) {
    lengthBytes = newLengthBytes;
    while ((long) pieces.size() * PIECE_BYTES < lengthBytes) {
      int size = Math.min(PIECE_BYTES, maxBytes - pieces.size() * PIECE_BYTES);
      pieces.add(arena.allocate(size).asByteBuffer());
    }
  }

  /** Appends zeroes. */
  void skip(int count) {
    fill(ByteBuffer.allocate(count));
  }

  /** Replaces its first bytes by all that remain in a buffer. */
  void set(ByteBuffer bytes) {
    if (bytes.remaining() > lengthBytes) {
      throw new IllegalArgumentException("more than the part holds");
    }
    copy(bytes, bytes.remaining(), 0);
  }

  private void copy(ByteBuffer from, int count, int position) {
    int end = position + count;
    for (int at = position; at < end; ) {
      int offset = at % PIECE_BYTES;
      ByteBuffer piece = pieces.get(at / PIECE_BYTES);
      int length = Math.min(piece.capacity() - offset, end - at);
      piece.put(offset, from, from.position(), length);
      from.position(from.position() + length);
      at += length;
    }
  }

  /** Writes all that it holds to the start of a file. */
  void writeTo(FileChannel file) throws IOException {
    for (int at = 0; at < lengthBytes; ) {
      at += file.write(pieceAt(at), at);
    }
  }

  /** Takes, while it is empty, what {@link #writeTo} wrote of a part of this length. */
  void readFrom(FileChannel file, int newLengthBytes) throws IOException {
    grow(newLengthBytes);
    for (int at = 0; at < lengthBytes; ) {
      int count = file.read(pieceAt(at), at);
      if (count < 0) {
        throw new EOFException("the file was cut to " + at + " bytes");
      }
      at += count;
    }
  }

  private ByteBuffer pieceAt(int position) {
    int offset = position % PIECE_BYTES;
    ByteBuffer piece = pieces.get(position / PIECE_BYTES);
    return piece.slice(offset, Math.min(piece.capacity() - offset, lengthBytes - position));
  }

  /** Makes it empty; it keeps its memory. */
  void clear() {
    lengthBytes = 0;
  }

  /**
   * Reads what it holds.
   *
   * @param givenUp makes reading fail, so that a request ends early whose outcome nobody wants
   */
  InputStream stream(BooleanSupplier givenUp) {
    return new InputStream() {
      private int position;

      @Override
      public int read() throws IOException {
        check();
        if (position == lengthBytes) {
          return -1;
        }
        int next = pieces.get(position / PIECE_BYTES).get(position % PIECE_BYTES) & 0xff;
        position++;
        return next;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        check();
        if (length > 0 && position == lengthBytes) {
          return -1;
        }
        int from = position % PIECE_BYTES;
        int count = Math.min(length, Math.min(PIECE_BYTES - from, lengthBytes - position));
        if (count > 0) {
          pieces.get(position / PIECE_BYTES).get(from, bytes, offset, count);
          position += count;
        }
        return count;
      }

      @Override
      public int available() {
        return lengthBytes - position;
      }

      private void check() throws IOException {
        if (givenUp.getAsBoolean()) {
          throw new IOException("the upload was given up");
        }
      }
    };
  }

  /** Frees its memory, of which nothing may be read any more. */
  @Override
  public void close() {
    arena.close();
  }
}
