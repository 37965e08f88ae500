package dev.kedge.engine.retention;

import dev.kedge.qcow2.AppendOutput;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Passes a file on, and remembers how it begins. Not thread-safe. */
final class HeaderCapture implements AppendOutput {
  private final AppendOutput output;
  private ByteBuffer header = ByteBuffer.allocate(0);

  HeaderCapture(AppendOutput output) {
    this.output = output;
  }

  @Override
  public void reserveHeader(int lengthBytes) throws IOException {
    output.reserveHeader(lengthBytes);
  }

  @Override
  public void append(ByteBuffer bytes, Part part) throws IOException {
    output.append(bytes, part);
  }

  @Override
  public long leastCopyBytes() {
    return output.leastCopyBytes();
  }

  @Override
  public void copyRange(String object, long position, long lengthBytes) throws IOException {
    output.copyRange(object, position, lengthBytes);
  }

  @Override
  public void writeHeader(ByteBuffer bytes) throws IOException {
    header = ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    output.writeHeader(bytes);
  }

  /** The first cluster, once it is written. */
  ByteBuffer header() {
    return header;
  }
}
