package dev.kedge.repository;

import dev.kedge.qcow2.AppendOutput;
import java.nio.ByteBuffer;

/** The end of an object that is being changed in place, to append to. Not thread-safe. */
final class EndOfObject implements AppendOutput {
  private final ObjectEditor editor;
  private long position;

  EndOfObject(ObjectEditor editor) {
    this.editor = editor;
    this.position = editor.lengthBytes();
  }

  @Override
  public void reserveHeader(int lengthBytes) {
    throw new IllegalStateException("it has a header");
  }

  @Override
  public void append(ByteBuffer bytes, Part part) {
    int count = bytes.remaining();
    editor.write(position, bytes);
    position += count;
  }

  @Override
  public void writeHeader(ByteBuffer header) {
    throw new IllegalStateException("its header is written by the commit");
  }
}
