package dev.kedge.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.qcow2.AppendOutput.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Files written partly past the page cache. The folder is on the build's disk: /tmp may be none.
 */
class DirectWritesTest {
  private static final int ALIGNMENT = 4096;

  private final Random random = new Random(7);
  private Path folder = Path.of("target");

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "direct-");
  }

  @AfterEach
  void removeFolder() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Test
  void anyMixtureOfPiecesIsWrittenAsItCame() throws IOException {
    for (int run = 0; run < 20; run++) {
      DirectoryTarget target = new DirectoryTarget(folder);
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      expected.writeBytes(new byte[65536]);
      try (ObjectOutput output = target.create("object")) {
        output.reserveHeader(65536);
        for (int i = 0; i < 12; i++) {
          ByteBuffer piece = piece();
          byte[] copy = new byte[piece.remaining()];
          piece.duplicate().get(copy);
          expected.writeBytes(copy);
          output.append(piece, Part.PLAIN_CLUSTERS);
          assertThat(piece.hasRemaining()).isFalse();
          assertThat(output.lengthBytes()).isEqualTo(expected.size());
        }
        output.flush();
      }
      assertThat(Files.readAllBytes(folder.resolve("object"))).isEqualTo(expected.toByteArray());
    }
  }

  private ByteBuffer piece() {
    int length =
        switch (random.nextInt(4)) {
          case 0 -> 1 + random.nextInt(100_000);
          case 1 -> 65536 * (1 + random.nextInt(20));
          case 2 -> 300_000 + random.nextInt(900_000);
          default -> 1 << 20;
        };
    ByteBuffer memory =
        random.nextInt(4) == 0
            ? ByteBuffer.allocate(length)
            : ByteBuffer.allocateDirect(length + 3 * ALIGNMENT).alignedSlice(ALIGNMENT);
    int shift = memory.isDirect() && random.nextInt(5) == 0 ? 512 : 0;
    memory.position(shift).limit(shift + length);
    ByteBuffer piece = memory.slice();
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    piece.put(bytes).flip();
    return piece;
  }

  @Test
  void onALocalDiskLargeAlignedPiecesGoPastTheCache() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    String type = Files.getFileStore(file).type();
    ByteBuffer piece = ByteBuffer.allocateDirect((1 << 20) + 2 * ALIGNMENT).alignedSlice(ALIGNMENT);
    piece.limit(1 << 20);
    try (DirectWrites direct = DirectWrites.to(file)) {
      int expected = type.equals("ext4") || type.equals("xfs") ? 1 << 20 : 0;
      assertThat(direct.write(piece.duplicate(), 0)).isEqualTo(expected);
      assertThat(direct.write(piece.duplicate(), 512)).isZero();
      assertThat(direct.write(ByteBuffer.allocate(1 << 20), 0)).isZero();
      assertThat(direct.write(piece.duplicate().limit(65536), 0)).isZero();
      assertThat(direct.write(piece.duplicate().limit(600_000), 0) % ALIGNMENT).isZero();
    }
  }

  @Test
  void aClosedChannelLeavesEverythingToTheOtherOne() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    DirectWrites direct = DirectWrites.to(file);
    direct.close();
    assertThat(direct.write(ByteBuffer.allocateDirect(1 << 20), 0)).isZero();
  }
}
