package dev.kedge.engine.restore;

import dev.kedge.engine.chain.StoredPiece;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of the image on its way to the sink: a hole, or data with the pieces that show there.
 *
 * @param buffer room for the data, up to the end of the last cluster of any piece; null for a hole
 */
record RestoreChunk(
    long offset, long lengthBytes, List<StoredPiece> pieces, @Nullable MemorySegment buffer) {
  static RestoreChunk hole(long offset, long lengthBytes) {
    return new RestoreChunk(offset, lengthBytes, List.of(), null);
  }
}
