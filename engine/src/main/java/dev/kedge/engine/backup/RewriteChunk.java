package dev.kedge.engine.backup;

import dev.kedge.engine.chain.PieceLoader;
import dev.kedge.engine.chain.StoredPiece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Some clusters on their way from one stored form to another: where their content is to be loaded
 * from, and the chunk that they then make. One thread at a time holds one.
 */
final class RewriteChunk {
  private record Part(long bufferOffset, long guestOffset, List<StoredPiece> pieces) {}

  final Chunk chunk;
  // Of the source's file, for the progress.
  long sourceBytes;
  private final List<Part> parts = new ArrayList<>();

  RewriteChunk(Chunk chunk) {
    this.chunk = chunk;
  }

  int parts() {
    return parts.size();
  }

  /** Adds clusters that follow each other in the image. */
  void add(long firstCluster, long count, List<StoredPiece> pieces) {
    parts.add(
        new Part(
            (long) chunk.count * chunk.clusterBytes,
            firstCluster * chunk.clusterBytes,
            List.copyOf(pieces)));
    for (long i = 0; i < count; i++) {
      chunk.clusters[chunk.count++] = firstCluster + i;
    }
    for (StoredPiece piece : pieces) {
      chunk.readBytes += piece.lengthBytes();
      sourceBytes += piece.hostBytes();
    }
  }

  /** Fills the buffer with what was stored, proven; whatever was not reads as zeroes. */
  void load(PieceLoader loader) throws IOException {
    if (parts.isEmpty()) {
      return;
    }
    // All before the first: a cluster at the end of a layer may be written into the next part.
    chunk.buffer().fill((byte) 0);
    for (Part part : parts) {
      for (StoredPiece piece : part.pieces) {
        loader.load(piece, chunk.buffer().asSlice(part.bufferOffset), part.guestOffset);
      }
    }
  }
}
