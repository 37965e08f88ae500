package dev.kedge.engine.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.engine.testing.StoredChain;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains of layers of all cluster sizes, lengths and compressions, read piece by piece. */
class MixedChainTest {
  private static final int MIB = 1 << 20;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  private static final List<Compression> COMPRESSIONS = List.of(Compression.values());

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void thePiecesMakeUpTheContent(long seed) throws IOException {
    Random random = new Random(seed);
    StoredChain stored = new StoredChain(folder.resolve("target"));
    for (int layer = 0; layer < 7; layer++) {
      int unit = random.nextBoolean() ? 1 : 4096;
      int size = MIB + random.nextInt(5 * MIB) / unit * unit;
      ClusterSize clusters = new ClusterSize(12 + random.nextInt(10));
      Compression compression = COMPRESSIONS.get(random.nextInt(COMPRESSIONS.size()));
      stored.add(size, clusters, compression, 1 + random.nextInt(20), random);
      try (RestorePointReader chain =
          RestorePointReader.open(stored.store(), stored.newest().id())) {
        String when = "seed " + seed + ", layer " + layer;
        assertThat(Arrays.mismatch(read(chain, random), stored.content())).as(when).isEqualTo(-1);
        byte[] unproven = new byte[stored.content().length];
        chain.read(0, ByteBuffer.wrap(unproven));
        assertThat(Arrays.mismatch(unproven, stored.content())).as(when).isEqualTo(-1);
      }
    }
  }

  // In ranges of any length, each block loaded into a buffer that held something else before.
  private static byte[] read(RestorePointReader chain, Random random) throws IOException {
    int size = Math.toIntExact(chain.sizeBytes());
    long block = Math.max(MIB, chain.largestClusterBytes());
    byte[] content = new byte[size];
    long[] end = {0};
    try (Arena arena = Arena.ofConfined();
        PieceLoader loader = new PieceLoader(chain)) {
      MemorySegment buffer = arena.allocate(block);
      for (long at = 0; at < size; ) {
        long length = Math.min(size - at, block * (1 + random.nextInt(3)));
        chain.forEachPiece(
            at,
            length,
            block,
            piece -> {
              assertThat(piece.guestOffset()).isGreaterThanOrEqualTo(end[0]);
              assertThat(piece.lengthBytes()).isPositive();
              long start = piece.guestOffset() / block * block;
              assertThat(piece.guestEnd()).isLessThanOrEqualTo(start + block);
              end[0] = piece.guestEnd();
              buffer.fill((byte) 'x');
              load(loader, piece, buffer, start);
              MemorySegment.copy(
                  buffer,
                  ValueLayout.JAVA_BYTE,
                  piece.guestOffset() - start,
                  content,
                  (int) piece.guestOffset(),
                  (int) piece.lengthBytes());
            });
        at += length;
      }
    }
    return content;
  }

  private static void load(
      PieceLoader loader, StoredPiece piece, MemorySegment buffer, long start) {
    try {
      loader.load(piece, buffer, start);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
