package dev.kedge.repository;

import dev.kedge.qcow2.RandomAccessInput;
import java.io.Closeable;
import java.nio.ByteBuffer;

/**
 * An object opened for reading. Failures are {@link dev.kedge.base.KedgeException}, with
 * VERIFICATION_FAILED where the object ends before the read does. Thread-safe.
 */
public interface ObjectInput extends RandomAccessInput, Closeable {
  @Override
  long lengthBytes();

  @Override
  void readFully(long position, ByteBuffer dst);

  /**
   * The same for one of several threads that read each part once: past the machine's page cache
   * where that costs less. Nobody reads ahead then, which one thread alone would wait for.
   */
  default void readOnce(long position, ByteBuffer dst) {
    readFully(position, dst);
  }

  /** What {@link #readOnce} wants positions, lengths and memory to be multiples of; 1: nothing. */
  default int onceBlockBytes() {
    return 1;
  }

  @Override
  void close();
}
