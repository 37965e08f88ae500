package dev.kedge.repository;

import java.nio.ByteBuffer;

/** The start of an object whose end is somebody's unfinished work. Thread-safe. */
final class LimitedInput implements ObjectInput {
  private final ObjectInput input;
  private final long lengthBytes;

  LimitedInput(ObjectInput input, long lengthBytes) {
    this.input = input;
    this.lengthBytes = lengthBytes;
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  // What lies behind is never asked for: whoever reads goes by the length.
  @Override
  public void readFully(long position, ByteBuffer dst) {
    input.readFully(position, dst);
  }

  @Override
  public void readOnce(long position, ByteBuffer dst) {
    input.readOnce(position, dst);
  }

  @Override
  public int onceBlockBytes() {
    return input.onceBlockBytes();
  }

  @Override
  public void close() {
    input.close();
  }
}
