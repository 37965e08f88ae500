package dev.kedge.repository;

import java.io.Closeable;
import java.nio.ByteBuffer;

/**
 * An object opened for changes in place. There is one for an object at a time, of whatever process
 * and host, as far as the file system's locks reach; it outlives the loss of a lease, so that a
 * stale writer which was only asleep keeps others out. Failures are {@link
 * dev.kedge.base.KedgeException}. Not thread-safe.
 */
public interface ObjectEditor extends Closeable {
  /** The length in bytes. */
  long lengthBytes();

  /** Writes all remaining bytes of a buffer and consumes them; may lengthen the object. */
  void write(long position, ByteBuffer bytes);

  /** Cuts the object off; does nothing where it is no longer. */
  void truncate(long lengthBytes);

  /** Returns when everything written so far would survive a loss of power. */
  void flush();

  /**
   * Whether anybody has the object open for reading, and opened it before now. True where that
   * cannot be told.
   */
  boolean hasReaders();

  /**
   * Gives the space of a range back; it reads as zeroes then.
   *
   * @return false where the file system cannot
   */
  boolean punchHole(long position, long lengthBytes);

  @Override
  void close();
}
