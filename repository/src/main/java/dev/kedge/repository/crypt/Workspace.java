package dev.kedge.repository.crypt;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * A cipher with the memory that one thread needs to use it: room for some frames as they are
 * stored, and for the content of one. About 600 KiB for frames of 64 KiB. Not thread-safe.
 */
final class Workspace {
  /** How many frames are read or written at a time. */
  static final int FRAMES = 8;

  /** The largest blocks that {@link #sealed} has room to be widened to, at both ends. */
  static final int BLOCK_BYTES = 4096;

  private final FrameCipher cipher = FrameCipher.create();
  private final MemorySegment sealed;
  private final MemorySegment content;

  private Workspace(FrameLayout layout) {
    sealed =
        Arena.ofAuto()
            .allocate(
                ObjectHeader.BYTES + (long) FRAMES * layout.sealedBytes() + 2 * BLOCK_BYTES,
                BLOCK_BYTES);
    content = Arena.ofAuto().allocate(layout.frameBytes());
  }

  FrameCipher cipher() {
    return cipher;
  }

  /** Room for a header and so many frames as they are stored, and a block at each end. */
  MemorySegment sealed() {
    return sealed;
  }

  /** Room for the content of a frame. */
  MemorySegment content() {
    return content;
  }

  /** Workspaces that nobody uses just now; as many as were ever in use at a time. Thread-safe. */
  static final class Pool {
    private final FrameLayout layout;
    private final ConcurrentLinkedDeque<Workspace> idle = new ConcurrentLinkedDeque<>();

    Pool(FrameLayout layout) {
      this.layout = layout;
    }

    /** One for the caller, to be given back. */
    Workspace take() {
      Workspace workspace = idle.pollFirst();
      return workspace == null ? new Workspace(layout) : workspace;
    }

    void giveBack(Workspace workspace) {
      idle.addFirst(workspace);
    }
  }
}
