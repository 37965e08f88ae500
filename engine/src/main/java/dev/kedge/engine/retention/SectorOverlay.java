package dev.kedge.engine.retention;

import dev.kedge.qcow2.RandomAccessInput;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file as it will be when its first sector is another one. Thread-safe. */
record SectorOverlay(RandomAccessInput file, ByteBuffer sector) implements RandomAccessInput {
  @Override
  public long lengthBytes() throws IOException {
    return file.lengthBytes();
  }

  @Override
  public void readFully(long position, ByteBuffer dst) throws IOException {
    int start = dst.position();
    int length = dst.remaining();
    file.readFully(position, dst);
    for (int i = 0; i < length && position + i < sector.limit(); i++) {
      dst.put(start + i, sector.get((int) position + i));
    }
  }
}
