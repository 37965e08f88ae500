package dev.kedge.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.KedgeException;
import dev.kedge.qcow2.AppendOutput.Part;
import dev.kedge.repository.crypt.EncryptedTarget;
import dev.kedge.repository.crypt.RepositoryKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files read partly past the page cache. The folder is on the build's disk: /tmp may be none. */
class DirectReadsTest {
  private static final int ALIGNMENT = 4096;
  private static final int MIB = 1 << 20;

  private final Random random = new Random(8);
  private Path folder = Path.of("target");
  private Path file = folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "direct-");
    file = folder.resolve("object");
  }

  @AfterEach
  void removeFolder() throws IOException {
    Files.deleteIfExists(file);
    Files.delete(folder);
  }

  /** Writes random bytes, and has the page cache let them go. */
  private byte[] content(int lengthBytes) throws IOException {
    byte[] bytes = new byte[lengthBytes];
    random.nextBytes(bytes);
    Files.write(file, bytes);
    letGo();
    return bytes;
  }

  private void letGo() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    run("dd", "if=" + file, "iflag=nocache", "count=0");
    if (isLocal()) {
      assertThat(cachedBytes()).isZero();
    }
  }

  private long cachedBytes() throws IOException {
    return Long.parseLong(run("fincore", "--bytes", "--noheadings", "--output", "RES", "" + file));
  }

  private static String run(String... words) throws IOException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private boolean isLocal() throws IOException {
    String type = Files.getFileStore(file).type();
    return type.equals("ext4") || type.equals("xfs");
  }

  private static ByteBuffer aligned(int lengthBytes) {
    return ByteBuffer.allocateDirect(lengthBytes + 2 * ALIGNMENT)
        .alignedSlice(ALIGNMENT)
        .slice(0, lengthBytes);
  }

  private static byte[] read(ObjectInput input, long position, ByteBuffer dst) {
    int start = dst.position();
    int length = dst.remaining();
    input.readOnce(position, dst);
    assertThat(dst.hasRemaining()).isFalse();
    byte[] bytes = new byte[length];
    dst.get(start, bytes);
    return bytes;
  }

  @Test
  void anyRangeIntoAnyMemoryIsReadAsItWasWritten() throws IOException {
    for (int tail : new int[] {0, 1, 512, 4095, 70_000}) {
      byte[] written = content(5 * MIB + tail);
      try (ObjectInput input = new DirectoryTarget(folder).open("object")) {
        for (int i = 0; i < 60; i++) {
          int unit = random.nextBoolean() ? ALIGNMENT : 1;
          int at = random.nextInt(written.length / unit) * unit;
          int length = Math.min(random.nextInt(3 * MIB), written.length - at);
          int shift = random.nextInt(4) == 0 ? random.nextInt(600) : 0;
          ByteBuffer dst =
              random.nextInt(4) == 0
                  ? ByteBuffer.allocate(shift + length)
                  : aligned(shift + length);
          assertThat(read(input, at, dst.position(shift)))
              .isEqualTo(Arrays.copyOfRange(written, at, at + length));
          if (random.nextInt(5) == 0) {
            letGo();
          }
        }
      }
    }
  }

  @Test
  void onALocalDiskWhatIsReadInLargePiecesDoesNotFillTheCache() throws IOException {
    byte[] written = content(8 * MIB);
    try (ObjectInput input = new DirectoryTarget(folder).open("object")) {
      for (int at = 0; at < written.length; at += 2 * MIB) {
        assertThat(read(input, at, aligned(2 * MIB)))
            .isEqualTo(Arrays.copyOfRange(written, at, at + 2 * MIB));
      }
      assertThat(cachedBytes()).isEqualTo(isLocal() ? 0 : 8 * MIB);
    }
  }

  @Test
  void anEncryptedFileIsReadPastTheCacheToo() throws IOException {
    EncryptedTarget target =
        new EncryptedTarget(
            new DirectoryTarget(folder), RepositoryKey.create(), EncryptedTarget.FRAME_BYTES);
    byte[] written = new byte[8 * MIB + 12_345];
    random.nextBytes(written);
    try (ObjectOutput output = target.create("object")) {
      output.append(ByteBuffer.wrap(written), Part.PLAIN_CLUSTERS);
      output.flush();
    }
    letGo();
    try (ObjectInput input = target.open("object")) {
      for (int at = 0; at < 8 * MIB; at += 2 * MIB) {
        assertThat(read(input, at, aligned(2 * MIB)))
            .isEqualTo(Arrays.copyOfRange(written, at, at + 2 * MIB));
      }
      // The header and the end, with what the kernel reads ahead.
      assertThat(cachedBytes()).isLessThan(isLocal() ? MIB : 10 * MIB);
      for (int i = 0; i < 60; i++) {
        int at = random.nextInt(written.length);
        int length = Math.min(random.nextInt(3 * MIB), written.length - at);
        assertThat(read(input, at, aligned(length)))
            .isEqualTo(Arrays.copyOfRange(written, at, at + length));
      }
    }
  }

  @Test
  void whatIsCachedIsReadFromTheCache() throws IOException {
    byte[] written = content(4 * MIB);
    assertThat(Files.readAllBytes(file)).isEqualTo(written);
    try (FileChannel cached = FileChannel.open(file);
        DirectReads direct = new DirectReads(file, cached)) {
      assertThat(direct.read(aligned(2 * MIB), MIB)).isZero();
      letGo();
      int expected = isLocal() ? 2 * MIB : 0;
      assertThat(direct.read(aligned(2 * MIB), MIB)).isEqualTo(expected);
      assertThat(direct.read(aligned(2 * MIB), MIB + 1)).isZero();
      assertThat(direct.read(aligned(2 * MIB).position(1), MIB)).isZero();
      assertThat(direct.read(aligned(64 << 10), MIB)).isZero();
      assertThat(direct.read(ByteBuffer.allocate(2 * MIB), MIB)).isZero();
      assertThat(direct.read(aligned(2 * MIB), 3 * MIB)).isZero();
    }
  }

  @Test
  void whatIsWrittenBesideIsReadAsItIsThen() throws IOException {
    content(4 * MIB);
    try (ObjectInput input = new DirectoryTarget(folder).open("object");
        FileChannel writer = FileChannel.open(file, StandardOpenOption.WRITE)) {
      read(input, 0, aligned(MIB));
      for (int i = 0; i < 8; i++) {
        byte[] now = new byte[MIB];
        random.nextBytes(now);
        // Into the page cache only, where a reader past it must find it.
        writer.write(ByteBuffer.wrap(now), (i % 4) * (long) MIB);
        assertThat(read(input, (i % 4) * (long) MIB, aligned(MIB))).isEqualTo(now);
      }
      // What comes behind the end that the file had when it was opened.
      byte[] more = new byte[MIB];
      random.nextBytes(more);
      writer.write(ByteBuffer.wrap(more), 4L * MIB);
      assertThat(read(input, 4L * MIB, aligned(MIB))).isEqualTo(more);
    }
  }

  @Test
  void aFileThatWasCutShortEndsEarly() throws IOException {
    content(4 * MIB);
    try (ObjectInput input = new DirectoryTarget(folder).open("object");
        FileChannel writer = FileChannel.open(file, StandardOpenOption.WRITE)) {
      read(input, 0, aligned(MIB));
      writer.truncate(2 * MIB + 1000);
      letGo();
      assertThatThrownBy(() -> input.readOnce(MIB, aligned(2 * MIB)))
          .isInstanceOf(KedgeException.class)
          .hasMessageContaining("ends at byte " + (2 * MIB + 1000));
      assertThatThrownBy(() -> input.readOnce(3 * MIB, aligned(MIB)))
          .isInstanceOf(KedgeException.class);
    }
  }

  @Test
  void aFileThatWasRenamedOrRemovedIsReadOn() throws IOException {
    byte[] written = content(4 * MIB);
    try (ObjectInput input = new DirectoryTarget(folder).open("object")) {
      Files.delete(file);
      assertThat(read(input, 0, aligned(4 * MIB))).isEqualTo(written);
      Files.write(file, new byte[4 * MIB]);
      assertThat(read(input, 0, aligned(4 * MIB))).isEqualTo(written);
    }
  }
}
