package dev.kedge.engine.repair;

import java.lang.foreign.MemorySegment;

/** The image at the moment of its newest restore point, for one thread. */
public interface SourceContent extends AutoCloseable {
  /** Fills native memory; behind the end of the image there are zeroes. */
  void read(long offset, MemorySegment into);

  @Override
  void close();
}
