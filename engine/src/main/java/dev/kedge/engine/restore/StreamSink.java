package dev.kedge.engine.restore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** A raw stream, holes written as zeroes; for standard output. */
final class StreamSink implements RestoreSink {
  private static final int ZERO_BYTES = 64 << 10;

  private final WritableByteChannel channel;
  private final ByteBuffer zeroes = ByteBuffer.allocateDirect(ZERO_BYTES);

  StreamSink(WritableByteChannel channel) {
    this.channel = channel;
  }

  @Override
  public int granuleBytes() {
    return 1;
  }

  @Override
  public void data(long offset, MemorySegment bytes, Runnable whenWritten) throws IOException {
    try {
      write(bytes.asByteBuffer());
    } finally {
      whenWritten.run();
    }
  }

  @Override
  public void hole(long offset, long lengthBytes) throws IOException {
    for (long left = lengthBytes; left > 0; left -= ZERO_BYTES) {
      write(zeroes.duplicate().limit((int) Math.min(ZERO_BYTES, left)));
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void commit() {}

  @Override
  public void close() {
    // The stream belongs to whoever opened it.
  }
}
