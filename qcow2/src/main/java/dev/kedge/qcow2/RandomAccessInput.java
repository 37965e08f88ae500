package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Positional reads of one file. Thread-safe; whoever opened it closes it. */
public interface RandomAccessInput {
  /** The length of the file in bytes. */
  long lengthBytes() throws IOException;

  /**
   * Fills the buffer from a position.
   *
   * @throws java.io.EOFException where the file ends first
   */
  void readFully(long position, ByteBuffer dst) throws IOException;
}
