package dev.kedge.repository.crypt;

import dev.kedge.repository.ObjectOutput;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts an object frame by frame while it is written. The frames that the reserved header
 * reaches into wait for it in memory, and are written with it; all others are written as they fill
 * up. Only {@link #flush} writes the last frame, so an object that was not flushed shows as cut
 * short. Not thread-safe.
 */
final class EncryptedOutput implements ObjectOutput {
  /** What is written ends at a multiple of this: a directory target then spares itself a copy. */
  private static final int BLOCK_BYTES = 4096;

  private final ObjectOutput output;
  private final Workspace.Pool workspaces;
  private final Workspace workspace;
  private final FrameLayout layout;
  private final ObjectHeader header;

  /** The content of the frame that is filling up. */
  private final ByteBuffer filling;

  /** Frames as they are stored, not yet written. */
  private final ByteBuffer sealed;

  /** The content of the frames that wait for the header, which is at their start. */
  private @Nullable ByteBuffer waiting;

  private int headerBytes;
  private long nextFrame;
  private long writtenBytes;
  private long lengthBytes;
  private boolean begun;
  private boolean ending;
  private boolean finished;
  private boolean closed;

  EncryptedOutput(
      ObjectOutput output,
      ObjectHeader header,
      RepositoryKey key,
      FrameLayout layout,
      Workspace.Pool workspaces) {
    this.output = output;
    this.header = header;
    this.layout = layout;
    this.workspaces = workspaces;
    this.workspace = workspaces.take();
    this.filling = workspace.content().asByteBuffer();
    this.sealed = workspace.sealed().asByteBuffer();
    workspace.cipher().use(FrameKey.ofObject(key, header), true);
  }

  @Override
  public void reserveHeader(int reservedBytes) {
    if (lengthBytes != 0 || waiting != null || ending) {
      throw new IllegalStateException("The header is reserved first");
    }
    int frames = (reservedBytes + layout.frameBytes() - 1) / layout.frameBytes();
    headerBytes = reservedBytes;
    lengthBytes = reservedBytes;
    waiting = ByteBuffer.allocateDirect(frames * layout.frameBytes()).position(reservedBytes);
  }

  @Override
  public void append(ByteBuffer bytes, Part part) {
    requireUnfinished();
    lengthBytes += bytes.remaining();
    if (waiting != null) {
      move(bytes, waiting);
    }
    if (bytes.hasRemaining()) {
      begin();
    }
    while (bytes.hasRemaining()) {
      if (filling.position() == 0 && bytes.isDirect() && bytes.remaining() >= layout.frameBytes()) {
        sealWhole(bytes, part);
      } else {
        move(bytes, filling);
        if (!filling.hasRemaining()) {
          sealFrame(workspace.content(), false, part);
          filling.clear();
        }
      }
    }
  }

  /** Takes the first steps once it is known that the object goes beyond the waiting frames. */
  private void begin() {
    if (begun) {
      return;
    }
    begun = true;
    if (waiting == null) {
      sealed.put(header.toBytes());
    } else {
      nextFrame = waiting.capacity() / layout.frameBytes();
      writtenBytes = layout.position(nextFrame);
      output.reserveHeader(Math.toIntExact(writtenBytes));
    }
  }

  private void sealWhole(ByteBuffer bytes, Part part) {
    MemorySegment content = MemorySegment.ofBuffer(bytes);
    long at = 0;
    while (content.byteSize() - at >= layout.frameBytes()) {
      sealFrame(content.asSlice(at, layout.frameBytes()), false, part);
      at += layout.frameBytes();
    }
    bytes.position(bytes.position() + (int) at);
  }

  private void sealFrame(MemorySegment content, boolean last, Part part) {
    int count = (int) content.byteSize() + FrameLayout.TAG_BYTES;
    if (sealed.remaining() < count) {
      emit(part);
    }
    workspace
        .cipher()
        .seal(nextFrame++, last, content, workspace.sealed().asSlice(sealed.position(), count));
    sealed.position(sealed.position() + count);
  }

  /** Writes the whole blocks that are there. */
  private void emit(Part part) {
    emit(sealed.position() - (int) ((writtenBytes + sealed.position()) % BLOCK_BYTES), part);
  }

  private void emit(int count, Part part) {
    output.append(sealed.slice(0, count), part);
    writtenBytes += count;
    sealed.flip().position(count);
    sealed.compact();
  }

  @Override
  public void writeHeader(ByteBuffer bytes) {
    requireUnfinished();
    ByteBuffer first = waiting;
    if (first == null || bytes.remaining() != headerBytes) {
      throw new IllegalStateException("The header is not the one that was reserved");
    }
    ending = true;
    int filled = first.position();
    move(bytes, first.clear());
    if (begun) {
      sealLast(MemorySegment.ofBuffer(filling.flip()));
      writeWaiting(first.clear(), false);
    } else {
      writeWaiting(first.clear().limit(filled), true);
    }
    finished = true;
    waiting = null;
  }

  private void sealLast(MemorySegment content) {
    sealFrame(content, true, Part.TABLES);
    emit(sealed.position(), Part.TABLES);
  }

  /** Writes the header of the object, and the frames that waited; perhaps they are all it has. */
  private void writeWaiting(ByteBuffer content, boolean whole) {
    long bytes = content.limit();
    long frames = bytes / layout.frameBytes();
    ByteBuffer all =
        ByteBuffer.allocateDirect(
            Math.toIntExact(whole ? layout.storedBytes(bytes) : layout.position(frames)));
    MemorySegment target = MemorySegment.ofBuffer(all.put(header.toBytes()).rewind());
    MemorySegment source = MemorySegment.ofBuffer(content);
    for (long frame = 0; frame < frames; frame++) {
      workspace
          .cipher()
          .seal(
              frame,
              false,
              source.asSlice(frame * layout.frameBytes(), layout.frameBytes()),
              target.asSlice(layout.position(frame), layout.sealedBytes()));
    }
    if (whole) {
      workspace
          .cipher()
          .seal(
              frames,
              true,
              source.asSlice(frames * layout.frameBytes()),
              target.asSlice(layout.position(frames)));
      output.reserveHeader(all.capacity());
    }
    output.writeHeader(all);
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public void flush() {
    if (!finished) {
      if (waiting != null) {
        throw new IllegalStateException("The header that was reserved is not written");
      }
      requireUnfinished();
      ending = true;
      begin();
      sealLast(MemorySegment.ofBuffer(filling.flip()));
      finished = true;
    }
    output.flush();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    workspaces.giveBack(workspace);
    output.close();
  }

  /** After a failure to end it, too: its last frame must not be sealed once more. */
  private void requireUnfinished() {
    if (ending || closed) {
      throw new IllegalStateException("The object was ended before");
    }
  }

  /** As much as there is, or as there is room for. */
  private static void move(ByteBuffer from, ByteBuffer to) {
    int count = Math.min(from.remaining(), to.remaining());
    to.put(to.position(), from, from.position(), count);
    to.position(to.position() + count);
    from.position(from.position() + count);
  }
}
