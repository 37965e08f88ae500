package dev.kedge.repository.s3;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * A part of an object, off the heap, which grows with what is put into it. Not thread-safe; it may
 * be handed from thread to thread.
 */
final class PartBuffer implements AutoCloseable {
  private static final int FIRST_BYTES = 256 << 10;

  private final int maxBytes;
  private Memory memory;
  private int lengthBytes;

  PartBuffer(int maxBytes) {
    this.maxBytes = maxBytes;
    this.memory = new Memory(Math.min(FIRST_BYTES, maxBytes));
  }

  private static final class Memory {
    final Arena arena = Arena.ofShared();
    final MemorySegment bytes;

    Memory(long lengthBytes) {
      bytes = arena.allocate(lengthBytes);
    }
  }

  int lengthBytes() {
    return lengthBytes;
  }

  boolean isFull() {
    return lengthBytes == maxBytes;
  }

  /** Takes as many bytes as it has room for. */
  void fill(ByteBuffer bytes) {
    int count = Math.min(bytes.remaining(), maxBytes - lengthBytes);
    int limit = bytes.limit();
    require(lengthBytes + count);
    bytes.limit(bytes.position() + count);
    MemorySegment.copy(MemorySegment.ofBuffer(bytes), 0, memory.bytes, lengthBytes, count);
    bytes.position(bytes.limit()).limit(limit);
    lengthBytes += count;
  }

  /** Leaves room at the start, as zeroes, for {@link #set}. */
  void skip(int count) {
    require(lengthBytes + count);
    memory.bytes.asSlice(lengthBytes, count).fill((byte) 0);
    lengthBytes += count;
  }

  /** Replaces its first bytes by all that remain in a buffer. */
  void set(ByteBuffer bytes) {
    MemorySegment source = MemorySegment.ofBuffer(bytes);
    MemorySegment.copy(source, 0, memory.bytes, 0, source.byteSize());
    bytes.position(bytes.limit());
  }

  private void require(int bytes) {
    if (bytes <= memory.bytes.byteSize()) {
      return;
    }
    if (bytes > maxBytes) {
      throw new IllegalArgumentException(bytes + " bytes do not fit into a part");
    }
    long size = Math.min(maxBytes, Math.max(bytes, 2 * memory.bytes.byteSize()));
    Memory smaller = memory;
    memory = new Memory(size);
    memory.bytes.copyFrom(smaller.bytes.asSlice(0, lengthBytes));
    smaller.arena.close();
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
    ByteBuffer content = memory.bytes.asSlice(0, lengthBytes).asByteBuffer();
    return new InputStream() {
      @Override
      public int read() throws IOException {
        check();
        return content.hasRemaining() ? content.get() & 0xff : -1;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        check();
        int count = Math.min(length, content.remaining());
        content.get(bytes, offset, count);
        return count == 0 && length > 0 ? -1 : count;
      }

      @Override
      public int available() {
        return content.remaining();
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
    memory.arena.close();
  }
}
