package dev.kedge.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A file takes in later states one after the other; qemu-img agrees at each moment. */
class AppenderAgainstQemuTest {
  private static final int STATES = 4;

  @TempDir Path directory = Path.of("");
  private QemuImg qemu = new QemuImg(directory);

  @BeforeEach
  void useDirectory() {
    qemu = new QemuImg(directory);
  }

  static Stream<Arguments> everyClusterSizeCompressionAndBacking() {
    List<Arguments> cases = new ArrayList<>();
    for (int bits = 12; bits <= 21; bits++) {
      for (Compression compression : Compression.values()) {
        cases.add(Arguments.of(bits, compression, false));
        cases.add(Arguments.of(bits, compression, true));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("everyClusterSizeCompressionAndBacking")
  void aFileTakesInLaterStates(int bits, Compression compression, boolean backed)
      throws IOException {
    long seed = 31L * bits + compression.name().hashCode() * 2L + (backed ? 1 : 0);
    Random random = new Random(seed);
    int maxBytes = bits > 18 ? 24 << 20 : 6 << 20;
    ClusterSize size = new ClusterSize(bits);
    GuestModel guest = new GuestModel(random.nextInt(maxBytes));
    if (backed) {
      guest.resize(maxBytes);
      write("below.qcow2", guest, options(guest, 16, Compression.ZSTD, null), random);
    }
    BackingFile backing = backed ? new BackingFile("below.qcow2", "qcow2") : null;
    write("a.qcow2", guest, options(guest, bits, compression, backing), random);
    for (int state = 0; state < STATES; state++) {
      byte[] before = guest.content().clone();
      guest.resize(newSize(random, before.length, maxBytes, size, backed));
      append(guest, size, compression, before, random);
      guest.writeRaw(directory.resolve("a.raw"));
      qemu.check("a.qcow2");
      qemu.run("compare", "-f", "qcow2", "-F", "raw", "a.qcow2", "a.raw");
      assertIsClean();
    }
  }

  // What a file backed by another gains would show that one: its caller writes zeroes there, and
  // the cluster in which an image ends from now on.
  private static int newSize(
      Random random, int size, int maxBytes, ClusterSize clusterSize, boolean backed) {
    return switch (random.nextInt(3)) {
      case 0 -> (int) clusterSize.roundDown(random.nextInt(size + 1));
      case 1 -> backed ? size : size + random.nextInt(maxBytes - size + 1);
      default -> size;
    };
  }

  private void append(
      GuestModel guest, ClusterSize size, Compression compression, byte[] before, Random random)
      throws IOException {
    Path path = directory.resolve("a.qcow2");
    long oldLength = Files.size(path);
    try (FileInput input = new FileInput(path);
        AtEnd output = new AtEnd(path)) {
      Qcow2File base = Qcow2File.open(input, "a.qcow2");
      Qcow2Appender appender = new Qcow2Appender(base, output, guest.content().length, compression);
      guest.writeChanges(appender, size, compression, random);
      AppendSummary summary = appender.finish();

      assertThat(summary.fileLengthBytes()).isEqualTo(Files.size(path));
      assertThat(summary.appendedBytes()).isEqualTo(Files.size(path) - oldLength);
      // Until the header is written the file is what it was, and afterwards for whom has it open.
      assertReads(base, before);
      output.channel.write(summary.header(), 0);
      assertReads(base, before);
      long[] dead = new long[1];
      appender.forEachDead((position, length) -> {
        dead[0] += length;
        byte[] garbage = new byte[Math.toIntExact(length)];
        Arrays.fill(garbage, (byte) 0xa5);
        output.channel.write(ByteBuffer.wrap(garbage), position);
      });
      assertThat(dead[0]).isEqualTo(summary.deadBytes());
    }
  }

  private void assertReads(Qcow2File base, byte[] expected) throws IOException {
    if (base.header().backing() != null) {
      return;
    }
    ByteBuffer content = ByteBuffer.allocate(expected.length);
    Qcow2Chain.ofOne(base).read(0, content);
    assertThat(Arrays.mismatch(content.array(), expected)).isEqualTo(-1);
  }

  private void assertIsClean() throws IOException {
    try (FileInput input = new FileInput(directory.resolve("a.qcow2"))) {
      Qcow2File file = Qcow2File.open(input, "a.qcow2");
      CheckReport report = Qcow2Check.check(file);
      assertThat(report.corruptions()).isEmpty();
      assertThat(report.leakedClusters()).isZero();
      FreeSpace.forEach(
          file,
          (position, length) -> {
            for (long at = position;
                at < position + length;
                at += file.header().clusterSize().bytes()) {
              assertThat(report.isPlainData(at >> file.header().clusterSize().bits())).isFalse();
            }
          });
    }
  }

  @Test
  void aSparseFileCostsItsChangesOnly() throws IOException {
    ClusterSize size = new ClusterSize(16);
    try (FileOutput output = new FileOutput(directory.resolve("a.qcow2"))) {
      Qcow2Writer writer =
          new Qcow2Writer(output, new WriterOptions(1L << 40, size, Compression.NONE, null));
      for (long at = 0; at < 64L << 20; at += 1 << 20) {
        writer.writeData(at * 1000, ByteBuffer.allocateDirect(1 << 16));
      }
      writer.finish();
    }
    Path path = directory.resolve("a.qcow2");
    try (FileInput input = new FileInput(path);
        AtEnd output = new AtEnd(path)) {
      Qcow2Appender appender =
          new Qcow2Appender(Qcow2File.open(input, "a"), output, 1L << 40, Compression.NONE);
      appender.writeZeroes(0, 1L << 40);
      AppendSummary summary = appender.finish();
      // L1, refcount table and one refcount block.
      assertThat(summary.appendedBytes()).isLessThanOrEqualTo(4 << 16);
      output.channel.write(summary.header(), 0);
    }
    qemu.check("a.qcow2");
  }

  @Test
  void aFileOfAnotherMakerIsRefused() throws IOException {
    qemu.run("create", "-f", "qcow2", "-o", "compat=v2", "old.qcow2", "1M");
    qemu.run("create", "-f", "qcow2", "-o", "refcount_bits=8", "narrow.qcow2", "1M");
    for (String name : List.of("old.qcow2", "narrow.qcow2")) {
      Files.copy(
          directory.resolve(name),
          directory.resolve("a.qcow2"),
          StandardCopyOption.REPLACE_EXISTING);
      try (FileInput input = new FileInput(directory.resolve(name));
          AtEnd output = new AtEnd(directory.resolve("a.qcow2"))) {
        Qcow2File file = Qcow2File.open(input, name);
        KedgeException failure =
            Assertions.catchThrowableOfType(
                KedgeException.class,
                () -> new Qcow2Appender(file, output, 1 << 20, Compression.NONE));
        assertThat(failure.code()).isEqualTo(ErrorCode.REFUSED);
        assertThat(failure).hasMessageContaining(name);
      }
    }
  }

  private static WriterOptions options(
      GuestModel guest,
      int bits,
      Compression compression,
      @org.jspecify.annotations.Nullable BackingFile backing) {
    return new WriterOptions(guest.content().length, new ClusterSize(bits), compression, backing);
  }

  private void write(String name, GuestModel guest, WriterOptions options, Random random)
      throws IOException {
    try (FileOutput output = new FileOutput(directory.resolve(name))) {
      guest.writeLayer(output, options, random);
    }
  }

  /** Appends to a file that exists. */
  private static final class AtEnd implements AppendOutput, AutoCloseable {
    private final FileChannel channel;

    AtEnd(Path path) throws IOException {
      channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public void reserveHeader(int lengthBytes) {
      throw new AssertionError("there is a header");
    }

    @Override
    public void append(ByteBuffer bytes, Part part) throws IOException {
      long at = channel.size();
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    }

    @Override
    public void writeHeader(ByteBuffer header) {
      throw new AssertionError("that is for who commits");
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
