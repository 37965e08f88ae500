package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.ObjectInput;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** An object opened for positional reads: long ones are requests, short ones go through a cache. */
final class S3Input implements ObjectInput {
  private final String name;
  private final long lengthBytes;
  private final RangeReader reader;
  private final RangeCache cache;
  private final AtomicBoolean closed = new AtomicBoolean();

  S3Input(String name, long lengthBytes, RangeReader reader, RangeCache cache) {
    this.name = name;
    this.lengthBytes = lengthBytes;
    this.reader = reader;
    this.cache = cache;
    cache.opened();
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public void readFully(long position, ByteBuffer dst) {
    if (position > lengthBytes || dst.remaining() > lengthBytes - position) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          name + " ends at byte " + lengthBytes + ", before what should be read from it");
    }
    if (dst.remaining() >= RangeCache.BLOCK_BYTES) {
      reader.read(position, dst);
    } else {
      cache.read(this, position, dst);
    }
  }

  /** Reads past the cache. */
  void fetch(long position, ByteBuffer dst) {
    reader.read(position, dst);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      cache.closed(this);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
