package dev.kedge.repository;

import dev.kedge.qcow2.AppendOutput;
import java.io.Closeable;
import java.nio.ByteBuffer;

/**
 * A data object being written. Failures are {@link dev.kedge.base.KedgeException}. Not thread-safe.
 */
public interface ObjectOutput extends AppendOutput, Closeable {
  @Override
  void reserveHeader(int lengthBytes);

  @Override
  void append(ByteBuffer bytes, Part part);

  /**
   * Appends a range of another object of the same target. For targets that copy by themselves (a
   * bucket's UploadPartCopy, a directory's copy_file_range); what is copied is not looked at, and
   * keeps the checksums that it has.
   */
  @Override
  default void copyRange(String object, long position, long lengthBytes) {
    throw new UnsupportedOperationException("nothing is copied here");
  }

  @Override
  void writeHeader(ByteBuffer header);

  /** The bytes so far, the reserved header included. */
  long lengthBytes();

  /**
   * Ends the object: returns when everything written would survive a loss of power. The header, if
   * one was reserved, is written before; nothing is appended after.
   */
  void flush();

  /** Ends the writing. An object that was not flushed may be cut short, or not be there. */
  @Override
  void close();
}
