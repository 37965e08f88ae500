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

  @Override
  void writeHeader(ByteBuffer header);

  /** The bytes so far, the reserved header included. */
  long lengthBytes();

  /** Returns when everything written so far would survive a loss of power. */
  void flush();

  /** Ends the writing. What was not flushed may be lost. */
  @Override
  void close();
}
