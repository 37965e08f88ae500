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

  /**
   * From how many bytes on {@link #copyRange} is possible and cheaper than to read and append;
   * where there is no copying, from no length on.
   */
  default long leastCopyBytes() {
    return Long.MAX_VALUE;
  }

  /**
   * Appends plain clusters that lie in another object of the same place, without their passing
   * through this process.
   *
   * @param object its name there
   * @param position where in it they begin, in bytes
   * @param lengthBytes at least {@link #leastCopyBytes}, but for a remainder before or after one of
   *     the file's own tables
   */
  default void copyRange(String object, long position, long lengthBytes) throws IOException {
    throw new UnsupportedOperationException("nothing is copied here");
  }

  /** Writes the header, exactly the reserved length; always the last call. */
  void writeHeader(ByteBuffer header) throws IOException;
}
