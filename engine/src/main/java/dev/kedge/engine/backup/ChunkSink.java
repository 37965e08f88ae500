package dev.kedge.engine.backup;

import java.io.IOException;

/** Takes chunks in ascending order, when it is known what each cluster is. For one thread. */
interface ChunkSink {
  /** Takes one; its buffers are the caller's again when this returns. */
  void write(Chunk chunk) throws IOException;

  /** Whether what it takes waits in memory elsewhere, so that few chunks need to wait here. */
  default boolean isBuffered() {
    return false;
  }
}
