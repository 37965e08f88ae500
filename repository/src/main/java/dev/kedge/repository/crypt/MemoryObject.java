package dev.kedge.repository.crypt;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.ObjectInput;
import dev.kedge.repository.ObjectOutput;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** A small object in memory, in the making or to be read. */
final class MemoryObject {
  private MemoryObject() {}

  /** Gathers what is appended; knows no header. Not thread-safe. */
  static final class Output implements ObjectOutput {
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();

    byte[] toBytes() {
      return gathered.toByteArray();
    }

    @Override
    public void reserveHeader(int lengthBytes) {
      throw new UnsupportedOperationException("A small object has no header of its own");
    }

    @Override
    public void append(ByteBuffer bytes, Part part) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      gathered.writeBytes(copy);
    }

    @Override
    public void writeHeader(ByteBuffer header) {
      throw new UnsupportedOperationException("A small object has no header of its own");
    }

    @Override
    public long lengthBytes() {
      return gathered.size();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /** Reads bytes that are there. Thread-safe. */
  static final class Input implements ObjectInput {
    private final byte[] bytes;

    Input(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long lengthBytes() {
      return bytes.length;
    }

    @Override
    public void readFully(long position, ByteBuffer dst) {
      if (dst.remaining() > bytes.length - position) {
        throw new KedgeException(ErrorCode.VERIFICATION_FAILED, "An object ends too early");
      }
      dst.put(bytes, (int) position, dst.remaining());
    }

    @Override
    public void close() {}
  }
}
