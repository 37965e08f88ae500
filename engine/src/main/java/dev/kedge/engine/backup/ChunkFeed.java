package dev.kedge.engine.backup;

import dev.kedge.engine.pipeline.OrderedPipeline;
import dev.kedge.engine.pipeline.SegmentRing;

/** The first stage of a layer's pipeline: where its data comes from. For one thread. */
@FunctionalInterface
interface ChunkFeed {
  /**
   * Submits chunks, ascending, with their buffers from the ring.
   *
   * @param chunkBytes of a whole chunk, at least one cluster
   */
  void feed(SegmentRing ring, OrderedPipeline<Chunk> pipeline, int chunkBytes) throws Exception;
}
