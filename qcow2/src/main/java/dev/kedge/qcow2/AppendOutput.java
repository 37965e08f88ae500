package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a writer puts a file: append only, then the header once. Not thread-safe. */
public interface AppendOutput {
  /** What appended bytes are. */
  enum Part {
    /** Whole guest clusters as they are. */
    PLAIN_CLUSTERS,
    /** Compressed clusters, packed one after the other. */
    COMPRESSED_CLUSTERS,
    /** Tables and padding. */
    TABLES
  }

  /** Leaves the first bytes of the file for later; always the first call. */
  void reserveHeader(int lengthBytes) throws IOException;

  /** Appends all remaining bytes of a direct or heap buffer and consumes them. */
  void append(ByteBuffer bytes, Part part) throws IOException;

  /** Writes the header, exactly the reserved length; always the last call. */
  void writeHeader(ByteBuffer header) throws IOException;
}
