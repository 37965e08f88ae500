package dev.kedge.repository.crypt;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.ObjectInput;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Reads an encrypted object. Its end is proven when it is opened, each other frame when it is read,
 * and only the frames are read that a range lies in. Thread-safe.
 */
final class EncryptedInput implements ObjectInput {
  private final String name;
  private final ObjectInput input;
  private final FrameLayout layout;
  private final FrameCache cache;
  private final Workspace.Pool workspaces;
  private final FrameKey key;
  private final long object;
  private final long storedBytes;
  private final long lengthBytes;

  /**
   * Starts reading; the input is closed with this one.
   *
   * @throws KedgeException with VERIFICATION_FAILED where this is no object of that name, or its
   *     end is not as it was written
   */
  EncryptedInput(
      String name,
      ObjectInput input,
      RepositoryKey repositoryKey,
      FrameLayout layout,
      FrameCache cache,
      Workspace.Pool workspaces) {
    this.name = name;
    this.input = input;
    this.layout = layout;
    this.cache = cache;
    this.workspaces = workspaces;
    this.object = cache.newObject();
    this.storedBytes = input.lengthBytes();
    ObjectHeader header = header();
    this.lengthBytes = layout.contentBytes(storedBytes);
    if (lengthBytes < 0) {
      throw damaged("it was cut short, or never finished");
    }
    this.key = FrameKey.ofObject(repositoryKey, header);
    load(layout.lastFrame(lengthBytes), 0, ByteBuffer.allocate(0));
  }

  private ObjectHeader header() {
    if (storedBytes < ObjectHeader.BYTES) {
      throw damaged("it was cut short, or never finished");
    }
    byte[] bytes = new byte[ObjectHeader.BYTES];
    input.readFully(0, ByteBuffer.wrap(bytes));
    ObjectHeader header = ObjectHeader.of(bytes);
    if (!header.isOne(layout.frameBytes())) {
      throw damaged("it does not begin as an encrypted object of this repository does");
    }
    if (!header.isOf(name)) {
      throw damaged("it holds what was written under another name: was it renamed or swapped?");
    }
    return header;
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public void readFully(long position, ByteBuffer dst) {
    read(position, dst, false);
  }

  @Override
  public void readOnce(long position, ByteBuffer dst) {
    read(position, dst, true);
  }

  private void read(long position, ByteBuffer dst, boolean once) {
    if (dst.remaining() > lengthBytes - position) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          name + " ends at byte " + lengthBytes + ", before what should be read from it");
    }
    long at = position;
    while (dst.hasRemaining()) {
      long frame = at / layout.frameBytes();
      int offset = (int) (at % layout.frameBytes());
      int before = dst.remaining();
      if (offset == 0 && dst.remaining() >= layout.frameBytes()) {
        loadWhole(frame, dst, once);
      } else if (!cache.read(object, frame, offset, dst)) {
        load(frame, offset, dst);
      }
      at += before - dst.remaining();
    }
  }

  /** Decrypts whole frames to where they are wanted, as many as are wanted and fit a workspace. */
  private void loadWhole(long first, ByteBuffer dst, boolean once) {
    int frames = Math.min(dst.remaining() / layout.frameBytes(), Workspace.FRAMES);
    Workspace workspace = workspaces.take();
    try {
      MemorySegment sealed = sealed(workspace, first, frames, once);
      workspace.cipher().use(key, false);
      for (int i = 0; i < frames; i++) {
        MemorySegment frame = sealed.asSlice((long) i * layout.sealedBytes(), layout.sealedBytes());
        unsealTo(dst, workspace, first + i, frame);
      }
    } finally {
      workspaces.giveBack(workspace);
    }
  }

  /** Reads whole frames as they are stored; once, with what makes the range one of blocks. */
  private MemorySegment sealed(Workspace workspace, long first, int frames, boolean once) {
    long from = layout.position(first);
    long sealedBytes = (long) frames * layout.sealedBytes();
    long block = once ? Math.min(input.onceBlockBytes(), Workspace.BLOCK_BYTES) : 1;
    long start = from / block * block;
    long end = Math.min(storedBytes, Math.ceilDiv(from + sealedBytes, block) * block);
    MemorySegment blocks = workspace.sealed().asSlice(0, end - start);
    if (once) {
      input.readOnce(start, blocks.asByteBuffer());
    } else {
      input.readFully(start, blocks.asByteBuffer());
    }
    return blocks.asSlice(from - start, sealedBytes);
  }

  private void unsealTo(ByteBuffer dst, Workspace workspace, long frame, MemorySegment sealed) {
    if (dst.isDirect()) {
      unseal(workspace, frame, sealed, MemorySegment.ofBuffer(dst).asSlice(0, layout.frameBytes()));
      dst.position(dst.position() + layout.frameBytes());
    } else {
      unseal(workspace, frame, sealed, workspace.content());
      dst.put(workspace.content().asByteBuffer());
    }
  }

  /** Decrypts one frame, keeps it, and copies a part of it, as much as there is room for. */
  private void load(long frame, int offset, ByteBuffer dst) {
    int contentBytes =
        (int) Math.min(layout.frameBytes(), lengthBytes - frame * layout.frameBytes());
    Workspace workspace = workspaces.take();
    try {
      MemorySegment sealed = workspace.sealed().asSlice(0, contentBytes + FrameLayout.TAG_BYTES);
      MemorySegment content = workspace.content().asSlice(0, contentBytes);
      input.readFully(layout.position(frame), sealed.asByteBuffer());
      workspace.cipher().use(key, false);
      unseal(workspace, frame, sealed, content);
      cache.put(object, frame, content);
      int count = Math.min(dst.remaining(), contentBytes - offset);
      dst.put(content.asSlice(offset, count).asByteBuffer());
    } finally {
      workspaces.giveBack(workspace);
    }
  }

  private void unseal(
      Workspace workspace, long frame, MemorySegment sealed, MemorySegment content) {
    boolean last = frame == layout.lastFrame(lengthBytes);
    if (workspace.cipher().unseal(frame, last, sealed, content)) {
      return;
    }
    if (last) {
      throw damaged(
          "its end was changed or cut off, or it was written with another repository's key");
    }
    long first = frame * layout.frameBytes();
    throw damaged(
        "frame %d (bytes %d to %d) was changed since it was written"
            .formatted(frame, first, first + layout.frameBytes() - 1));
  }

  private KedgeException damaged(String how) {
    return new KedgeException(ErrorCode.VERIFICATION_FAILED, name + " is damaged: " + how);
  }

  @Override
  public void close() {
    cache.drop(object);
    input.close();
  }
}
