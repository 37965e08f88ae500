package dev.kedge.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What we write, qemu-img reads, and so do we. */
class WriterAgainstQemuTest {
  @TempDir Path directory = Path.of("");
  private QemuImg qemu = new QemuImg(directory);

  @BeforeEach
  void useDirectory() {
    qemu = new QemuImg(directory);
  }

  static Stream<Arguments> everyClusterSizeAndCompression() {
    List<Arguments> cases = new ArrayList<>();
    for (int bits = 12; bits <= 21; bits++) {
      for (Compression compression : Compression.values()) {
        cases.add(Arguments.of(bits, compression));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("everyClusterSizeAndCompression")
  void qemuReadsBackEveryRandomImage(int bits, Compression compression) throws IOException {
    long seed = 31L * bits + compression.headerValue();
    Random random = new Random(seed);
    GuestModel guest = new GuestModel((1 << 20) + random.nextInt(bits > 18 ? 40 << 20 : 16 << 20));
    WriterSummary summary =
        write("a.qcow2", guest, options(guest, bits, compression, null), random);

    guest.writeRaw(directory.resolve("a.raw"));
    qemu.check("a.qcow2");
    qemu.run("compare", "-f", "qcow2", "-F", "raw", "a.qcow2", "a.raw");
    assertThat(summary.fileLengthBytes()).isEqualTo(Files.size(directory.resolve("a.qcow2")));
    assertThat(summary.dataBytes() + summary.compressedBytes() + summary.tableBytes())
        .isEqualTo(summary.fileLengthBytes());
    assertReads("a.qcow2", guest, seed);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "511", "512", "513", "4095", "65536", "65537", "1000001"})
  void anySizeIsRoundedToWholeSectors(int sizeBytes) throws IOException {
    for (Compression compression : Compression.values()) {
      GuestModel guest = new GuestModel(sizeBytes);
      write("a.qcow2", guest, options(guest, 16, compression, null), new Random(sizeBytes));
      guest.writeRaw(directory.resolve("a.raw"));
      qemu.check("a.qcow2");
      qemu.run("compare", "-f", "qcow2", "-F", "raw", "a.qcow2", "a.raw");
      assertReads("a.qcow2", guest, sizeBytes);
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "4", "5", "6"})
  void qemuReadsChainsOfMixedClusterSizesAndLengths(long seed) throws IOException {
    Random random = new Random(seed);
    GuestModel guest = new GuestModel(1 + random.nextInt(8 << 20));
    BackingFile backing = null;
    for (int layer = 0; layer < 5; layer++) {
      String name = layer + ".qcow2";
      int bits = 12 + random.nextInt(8);
      Compression compression = List.of(Compression.values()).get(random.nextInt(3));
      write(name, guest, options(guest, bits, compression, backing), random);
      qemu.check(name);
      guest.writeRaw(directory.resolve("a.raw"));
      qemu.run("compare", "-f", "qcow2", "-F", "raw", name, "a.raw");
      assertReads(name, guest, seed);
      backing = new BackingFile(name, "qcow2");
      // Whole sectors: QEMU has no other sizes, so a header never keeps a ragged end.
      guest.resize((1 + random.nextInt(16 << 11)) << 9);
    }
  }

  @Test
  void aHugeSparseImageIsSmallAndRead() throws IOException {
    long size = 8L << 40;
    WriterOptions options = new WriterOptions(size, new ClusterSize(12), Compression.NONE, null);
    ByteBuffer data = ByteBuffer.allocateDirect(4096);
    try (FileOutput out = new FileOutput(directory.resolve("a.qcow2"))) {
      Qcow2Writer writer = new Qcow2Writer(out, options);
      for (long at = 0; at < size; at += 1L << 37) {
        writer.writeData(at, data.putLong(0, at + 1).clear());
      }
      writer.writeZeroes(size - 4096, 4096);
      writer.finish();
    }
    qemu.check("a.qcow2");
    try (FileInput.Directory files = new FileInput.Directory(directory)) {
      Qcow2Chain chain = Qcow2Chain.open("a.qcow2", files);
      for (long at = 0; at < size; at += 1L << 37) {
        ByteBuffer eight = ByteBuffer.allocate(8);
        chain.read(at, eight);
        assertThat(eight.getLong(0)).isEqualTo(at + 1);
      }
      List<Extent> extents = new ArrayList<>();
      chain.forEachExtent(0, size, (layer, extent) -> extents.add(extent));
      assertThat(extents).hasSize(64 + 64 + 1);
      assertThat(extents.getLast().kind()).isEqualTo(Extent.Kind.ZERO);
    }
  }

  @Test
  void manyHostWindowsGetTheirRefcountBlocks() throws IOException {
    // 4 KiB clusters: one refcount block per 8 MiB of file.
    int size = 50 << 20;
    Random random = new Random(7);
    ByteBuffer data = ByteBuffer.allocateDirect(1 << 20);
    try (FileOutput out = new FileOutput(directory.resolve("a.qcow2"))) {
      Qcow2Writer writer =
          new Qcow2Writer(
              out, new WriterOptions(size, new ClusterSize(12), Compression.NONE, null));
      for (int at = 0; at < size; at += data.capacity()) {
        data.clear().putLong(random.nextInt(1 << 19), random.nextLong());
        writer.writeData(at, data);
      }
      writer.finish();
      assertThat(out.calls()).as("runs pass through whole").isLessThan(200);
    }
    qemu.check("a.qcow2");
  }

  private static WriterOptions options(
      GuestModel guest,
      int bits,
      Compression compression,
      @org.jspecify.annotations.Nullable BackingFile backing) {
    return new WriterOptions(guest.content().length, new ClusterSize(bits), compression, backing);
  }

  private WriterSummary write(String name, GuestModel guest, WriterOptions options, Random random)
      throws IOException {
    try (FileOutput out = new FileOutput(directory.resolve(name))) {
      WriterSummary summary = guest.writeLayer(out, options, random);
      assertThat(out.bytes(AppendOutput.Part.PLAIN_CLUSTERS)).isEqualTo(summary.dataBytes());
      assertThat(out.bytes(AppendOutput.Part.COMPRESSED_CLUSTERS))
          .isEqualTo(summary.compressedBytes());
      return summary;
    }
  }

  private void assertReads(String name, GuestModel guest, long seed) throws IOException {
    try (FileInput.Directory files = new FileInput.Directory(directory);
        ChainReader reader = new ChainReader(Qcow2Chain.open(name, files))) {
      ByteBuffer whole = ByteBuffer.allocate(guest.content().length);
      reader.read(0, whole);
      assertThat(whole.array()).as("seed %d", seed).isEqualTo(guest.content());
      Random random = new Random(seed);
      for (int i = 0; i < 50 && guest.content().length > 0; i++) {
        int at = random.nextInt(guest.content().length);
        ByteBuffer part =
            ByteBuffer.allocate(1 + random.nextInt(Math.min(100_000, guest.content().length - at)));
        reader.read(at, part);
        assertThat(part.flip())
            .as("seed %d, offset %d", seed, at)
            .isEqualTo(ByteBuffer.wrap(guest.content(), at, part.capacity()));
      }
    }
  }
}
