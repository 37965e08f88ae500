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

  @Override
  void close();
}
