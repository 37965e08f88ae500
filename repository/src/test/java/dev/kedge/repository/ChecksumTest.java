package dev.kedge.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksumTest {
  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 3, 4, 8, 9, 16, 17, 128, 129, 240, 241, 512, 1024, 4096, 65_536, 2 << 20})
  void isWhatXxhsumPrints(int lengthBytes, @TempDir Path folder) throws Exception {
    byte[] bytes = random(lengthBytes);
    String expected = xxhsum(folder, bytes);
    assertThat(Checksummer.of(bytes).hex()).isEqualTo(expected);
    // xxhsum comes with the library, so that both ways are tried wherever this test runs.
    NativeXxh3 installed = Objects.requireNonNull(NativeXxh3.create(), "libxxhash");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
      assertThat(new Checksummer(installed).of(segment).hex()).isEqualTo(expected);
      assertThat(new Checksummer(null).of(segment).hex()).isEqualTo(expected);
    }
  }

  private static String xxhsum(Path folder, byte[] bytes) throws IOException, InterruptedException {
    Path file = Files.write(folder.resolve("data"), bytes);
    Process process = new ProcessBuilder("/usr/bin/xxhsum", "-H2", file.toString()).start();
    String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(process.waitFor()).isZero();
    return line.substring(0, 32);
  }

  @Test
  void isTheSameWhereverTheBytesAre() {
    byte[] bytes = random(70_001);
    Checksum expected = Checksummer.of(bytes);
    Checksummer checksummer = new Checksummer();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
      assertThat(checksummer.of(segment)).isEqualTo(expected);
      assertThat(checksummer.of(segment.asByteBuffer())).isEqualTo(expected);
      // A shorter buffer after a longer one must not see the longer one's rest.
      assertThat(checksummer.of(segment.asSlice(0, 100)))
          .isEqualTo(Checksummer.of(java.util.Arrays.copyOf(bytes, 100)));
    }
    ByteBuffer heap = ByteBuffer.wrap(bytes);
    assertThat(checksummer.of(heap)).isEqualTo(expected);
    assertThat(heap.position()).isZero();
  }

  @Test
  void doesNotDependOnHowTheStreamIsCut() {
    byte[] bytes = random(300_000);
    Checksum expected = Checksummer.of(bytes);
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      ChecksumStream stream = new ChecksumStream();
      for (int at = 0; at < bytes.length; ) {
        int count = Math.min(bytes.length - at, random.nextInt(40_000));
        stream.update(ByteBuffer.wrap(bytes, at, count));
        at += count;
      }
      assertThat(stream.checksum()).as("seed 7, round %d", round).isEqualTo(expected);
    }
  }

  @Test
  void readsOnlyItsOwnTextForm() {
    Checksum checksum = new Checksum(0xfedc_ba98_7654_3210L, 0x0000_0000_0000_00abL);
    assertThat(checksum.hex()).isEqualTo("fedcba987654321000000000000000ab");
    assertThat(Checksum.parse(checksum.hex())).contains(checksum);
    assertThat(Checksum.parse(checksum.hex().toUpperCase(java.util.Locale.ROOT))).isEmpty();
    assertThat(Checksum.parse("+edcba987654321000000000000000ab")).isEmpty();
    assertThat(Checksum.parse("")).isEmpty();
  }

  private static byte[] random(int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    new Random(lengthBytes).nextBytes(bytes);
    return bytes;
  }
}
