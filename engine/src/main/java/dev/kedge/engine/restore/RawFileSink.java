package dev.kedge.engine.restore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A raw file in which holes are holes. */
final class RawFileSink implements RestoreSink {
  private static final int GRANULE_BYTES = 4096;

  private final PartialFile file;
  private final long sizeBytes;
  private long written;

  RawFileSink(Path path, long sizeBytes) throws IOException {
    this.file = new PartialFile(path);
    this.sizeBytes = sizeBytes;
  }

  @Override
  public int granuleBytes() {
    return GRANULE_BYTES;
  }

  @Override
  public void data(long offset, MemorySegment bytes, Runnable whenWritten) throws IOException {
    try {
      FileChannel channel = file.channel();
      ByteBuffer source = bytes.asByteBuffer();
      long at = offset;
      while (source.hasRemaining()) {
        at += channel.write(source, at);
      }
      written = at;
    } finally {
      whenWritten.run();
    }
  }

  @Override
  public void hole(long offset, long lengthBytes) {}

  @Override
  public void commit() throws IOException {
    if (written < sizeBytes) {
      // The file ends in a hole: its last byte gives it its length, and costs one block at most.
      file.channel().write(ByteBuffer.wrap(new byte[1]), sizeBytes - 1);
    }
    file.commit();
  }

  @Override
  public void close() {
    file.close();
  }
}
