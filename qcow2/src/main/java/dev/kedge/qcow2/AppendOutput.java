package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a writer puts a file: append only, then the header once. Not thread-safe. */
public interface AppendOutput {
  /** What an appended run of bytes is. */
  enum Part {
    PLAIN_CLUSTERS,
    COMPRESSED_CLUSTERS,
    TABLES
  }

  /** Keeps the first bytes of the file free for the header. */
  void reserveHeader(int lengthBytes) throws IOException;

  /** Appends all remaining bytes. */
  void append(ByteBuffer bytes, Part part) throws IOException;

  /** Writes the reserved first bytes, once, last. */
  void writeHeader(ByteBuffer header) throws IOException;
}
