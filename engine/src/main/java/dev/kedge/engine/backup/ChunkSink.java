package dev.kedge.engine.backup;

import java.io.IOException;

/** Takes chunks in ascending order, when it is known what each cluster is. For one thread. */
interface ChunkSink {
  /** Takes one; its buffers are the caller's again when this returns. */
  void write(Chunk chunk) throws IOException;
}
