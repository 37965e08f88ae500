package dev.kedge.engine.testing;

import dev.kedge.engine.chain.PieceLoader;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.repository.ImageStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.UUID;

/** Reads restore points as a restore does. */
public final class Reading {
  private static final int BLOCK = 2 << 20;

  private Reading() {}

  /** What a restore would write. */
  public static byte[] whole(ImageStore store, UUID point) throws IOException {
    try (RestorePointReader reader = RestorePointReader.open(store, point);
        PieceLoader loader = new PieceLoader(reader);
        Arena arena = Arena.ofConfined()) {
      byte[] content = new byte[(int) reader.sizeBytes()];
      MemorySegment block = arena.allocate(BLOCK);
      for (int at = 0; at < content.length; at += BLOCK) {
        int start = at;
        int length = Math.min(BLOCK, content.length - at);
        block.fill((byte) 0);
        reader.forEachPiece(
            at,
            length,
            BLOCK,
            piece -> {
              try {
                loader.load(piece, block, start);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
        MemorySegment.copy(block, ValueLayout.JAVA_BYTE, 0, content, at, length);
      }
      return content;
    }
  }
}
