package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Positional reads; thread-safe. */
public interface RandomAccessInput {
  /** The length of the file in bytes. */
  long lengthBytes() throws IOException;

  /** Fills the remaining space of {@code dst} from the position; fails at the end of the file. */
  void readFully(long position, ByteBuffer dst) throws IOException;
}
