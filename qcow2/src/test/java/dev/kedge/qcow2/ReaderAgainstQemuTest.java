package dev.kedge.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What qemu-img writes, we read. */
class ReaderAgainstQemuTest {
  // QEMU 7.2 does not say what is compressed, 10.0 does.
  private static final Pattern MAP_LINE =
      Pattern.compile(
          "\"start\": (\\d+), \"length\": (\\d+), \"depth\": \\d+, \"present\": (true|false),"
              + " \"zero\": (true|false), \"data\": (true|false)"
              + "(?:, \"compressed\": (?:true|false))?(?:, \"offset\": (\\d+))?");

  @TempDir Path directory = Path.of("");
  private QemuImg qemu = new QemuImg(directory);

  @BeforeEach
  void useDirectory() {
    qemu = new QemuImg(directory);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compat=0.10",
        "compat=0.10,cluster_size=4k",
        "compat=1.1",
        "cluster_size=512",
        "cluster_size=1k",
        "cluster_size=2k",
        "cluster_size=4k",
        "cluster_size=2M",
        "refcount_bits=1",
        "refcount_bits=2",
        "refcount_bits=8",
        "refcount_bits=32",
        "refcount_bits=64,cluster_size=512",
        "lazy_refcounts=on",
        "preallocation=metadata",
        "preallocation=metadata,compat=0.10",
        "preallocation=falloc",
        "preallocation=full,cluster_size=128k",
        "compression_type=zstd",
        "compression_type=zstd,cluster_size=8k"
      })
  void readsWhatConvertMakes(String options) throws IOException {
    Random random = new Random(options.hashCode());
    byte[] content = sparse(6_000_128 + 512 * random.nextInt(100), random);
    Files.write(directory.resolve("a.raw"), content);

    qemu.run("convert", "-f", "raw", "-O", "qcow2", "-o", options, "a.raw", "a.qcow2");
    assertReads("a.qcow2", content);
    // qemu-img map looks through allocated clusters into the holes of the file itself.
    if (!options.contains("preallocation=metadata")) {
      assertMapsLikeQemu("a.qcow2", content.length);
    }
    if (!options.contains("preallocation")) {
      qemu.run("convert", "-c", "-f", "raw", "-O", "qcow2", "-o", options, "a.raw", "c.qcow2");
      assertReads("c.qcow2", content);
      assertMapsLikeQemu("c.qcow2", content.length);
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "512", "1M", "64M", "1T", "8191G"})
  void readsWhatCreateMakes(String size) throws IOException {
    qemu.run("create", "-f", "qcow2", "a.qcow2", size);
    try (FileInput.Directory files = new FileInput.Directory(directory)) {
      Qcow2Chain chain = Qcow2Chain.open("a.qcow2", files);
      List<Extent> extents = new ArrayList<>();
      chain.forEachExtent(0, Long.MAX_VALUE, (layer, extent) -> extents.add(extent));
      long bytes = chain.virtualSizeBytes();
      assertThat(extents)
          .isEqualTo(
              bytes == 0
                  ? List.of()
                  : List.of(new Extent(0, bytes, Extent.Kind.UNALLOCATED, 0, 0)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void readsChainsThatQemuWrote(long seed) throws IOException {
    Random random = new Random(seed);
    String top = qemuChain(random);
    qemu.run("convert", "-f", "qcow2", "-O", "raw", top, "a.raw");
    byte[] content = Files.readAllBytes(directory.resolve("a.raw"));
    assertReads(top, content);
    assertMapsLikeQemu(top, content.length);
  }

  private String qemuChain(Random random) {
    String name = "";
    for (int layer = 0; layer < 5; layer++) {
      String below = name;
      name = "l" + layer + ".qcow2";
      long size = 512L * (1 + random.nextInt(12 << 11));
      String options =
          "cluster_size=" + (512 << random.nextInt(12)) + ",lazy_refcounts=" + onOff(random);
      if (layer == 0) {
        qemu.run("create", "-f", "qcow2", "-o", options, name, "" + size);
      } else {
        qemu.run(
            "create", "-f", "qcow2", "-o", options, "-b", below, "-F", "qcow2", name, "" + size);
      }
      List<String> io = new ArrayList<>(List.of("-f", "qcow2", name));
      for (int i = 0; i < 25; i++) {
        long at = random.nextLong(size) & -512;
        long length = Math.min(size - at, 512L * (1 + random.nextInt(300)));
        String command =
            switch (random.nextInt(4)) {
              case 0 -> "write -z " + at + " " + length;
              case 1 -> "write -z -u " + at + " " + length;
              default -> "write -P " + (1 + random.nextInt(255)) + " " + at + " " + length;
            };
        io.add("-c");
        io.add(command);
      }
      qemu.io(io.toArray(String[]::new));
    }
    return name;
  }

  private static String onOff(Random random) {
    return random.nextBoolean() ? "on" : "off";
  }

  @Test
  void internalSnapshotsAndBitmapsDoNotDisturb() throws IOException {
    byte[] content = sparse(3_000_320, new Random(1));
    Files.write(directory.resolve("a.raw"), content);
    qemu.run("convert", "-f", "raw", "-O", "qcow2", "a.raw", "a.qcow2");
    qemu.run("snapshot", "-c", "one", "a.qcow2");
    qemu.run("bitmap", "--add", "a.qcow2", "b");
    qemu.io("-f", "qcow2", "-c", "write -P 7 0 100k", "a.qcow2");
    java.util.Arrays.fill(content, 0, 100 << 10, (byte) 7);
    assertReads("a.qcow2", content);
    try (FileInput.Directory files = new FileInput.Directory(directory)) {
      Qcow2Header header = Qcow2File.open(files.open("a.qcow2"), "a.qcow2").header();
      assertThat(header.snapshotCount()).isEqualTo(1);
      assertThat(header.hasBitmaps()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'encrypt.format=aes,encrypt.key-secret=s', encryption",
    "'data_file=data.raw', external data file",
    "'extended_l2=on', extended L2"
  })
  void whatIsNotSupportedIsRefusedByName(String options, String named) throws IOException {
    qemu.run(
        "create",
        "--object",
        "secret,id=s,data=xxxxxxxx",
        "-f",
        "qcow2",
        "-o",
        options,
        "a.qcow2",
        "1M");
    try (FileInput.Directory files = new FileInput.Directory(directory)) {
      assertThatThrownBy(() -> Qcow2Chain.open("a.qcow2", files))
          .isInstanceOfSatisfying(
              KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
          .hasMessageContaining("a.qcow2")
          .hasMessageContaining(named);
    }
  }

  @Test
  void aRawBackingFileIsRefusedByName() throws IOException {
    Files.write(directory.resolve("b.raw"), new byte[512]);
    qemu.run("create", "-f", "qcow2", "-b", "b.raw", "-F", "raw", "a.qcow2");
    try (FileInput.Directory files = new FileInput.Directory(directory)) {
      assertThatThrownBy(() -> Qcow2Chain.open("a.qcow2", files))
          .isInstanceOfSatisfying(
              KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
          .hasMessageContainingAll("a.qcow2", "b.raw", "'raw'");
    }
  }

  private void assertReads(String name, byte[] content) throws IOException {
    try (FileInput.Directory files = new FileInput.Directory(directory);
        ChainReader reader = new ChainReader(Qcow2Chain.open(name, files))) {
      ByteBuffer whole = ByteBuffer.allocate(content.length);
      reader.read(0, whole);
      assertThat(whole.array()).isEqualTo(content);
      Random random = new Random(content.length);
      for (int i = 0; i < 30; i++) {
        int at = random.nextInt(content.length);
        ByteBuffer part =
            ByteBuffer.allocate(1 + random.nextInt(Math.min(9000, content.length - at)));
        reader.read(at, part);
        assertThat(part.flip()).isEqualTo(ByteBuffer.wrap(content, at, part.capacity()));
      }
    }
  }

  /** The extents cover everything once, and say of each byte what qemu-img map says. */
  private void assertMapsLikeQemu(String name, long size) throws IOException {
    List<String> ours = new ArrayList<>();
    try (FileInput.Directory files = new FileInput.Directory(directory)) {
      Qcow2Chain chain = Qcow2Chain.open(name, files);
      long[] next = {0};
      chain.forEachExtent(
          0,
          size,
          (layer, e) -> {
            assertThat(e.guestOffset()).isEqualTo(next[0]);
            assertThat(e.lengthBytes()).isPositive();
            next[0] = e.endOffset();
            boolean zero = e.kind() == Extent.Kind.ZERO || e.kind() == Extent.Kind.UNALLOCATED;
            String where = e.kind() == Extent.Kind.DATA ? "@" + e.hostOffset() : "";
            ours.add(e.guestOffset() + "+" + e.lengthBytes() + (zero ? " zero" : " data") + where);
          });
      assertThat(next[0]).isEqualTo(size);
    }
    assertThat(joined(ours)).isEqualTo(joined(qemuMap(name)));
  }

  private List<String> qemuMap(String name) {
    List<String> lines = new ArrayList<>();
    Matcher line = MAP_LINE.matcher(qemu.run("map", "-f", "qcow2", "--output=json", name));
    while (line.find()) {
      boolean zero = line.group(4).equals("true");
      String where = zero || line.group(6) == null ? "" : "@" + line.group(6);
      lines.add(line.group(1) + "+" + line.group(2) + (zero ? " zero" : " data") + where);
    }
    return lines;
  }

  // QEMU and we join neighbours by different rules; this joins what both could.
  private static List<String> joined(List<String> lines) {
    List<String> result = new ArrayList<>();
    long start = 0;
    long length = 0;
    String kind = "";
    long host = -1;
    for (String line : lines) {
      String[] parts = line.split("[+ @]", -1);
      long lineHost = parts.length > 3 ? Long.parseLong(parts[3]) : -1;
      boolean follows =
          parts[2].equals(kind) && (host < 0 ? lineHost < 0 : lineHost == host + length);
      if (!follows) {
        result.add(start + "+" + length + kind + host);
        start = Long.parseLong(parts[0]);
        length = 0;
        kind = parts[2];
        host = lineHost;
      }
      length += Long.parseLong(parts[1]);
    }
    result.add(start + "+" + length + kind + host);
    return result;
  }

  /** Noise, repetition and holes. */
  private static byte[] sparse(int size, Random random) {
    byte[] content = new byte[size];
    for (int at = 0; at < size; ) {
      int length = Math.min(size - at, 1 + random.nextInt(300_000));
      switch (random.nextInt(3)) {
        case 0 -> {
          byte[] noise = new byte[length];
          random.nextBytes(noise);
          System.arraycopy(noise, 0, content, at, length);
        }
        case 1 -> java.util.Arrays.fill(content, at, at + length, (byte) random.nextInt());
        default -> {}
      }
      at += length;
    }
    return content;
  }
}
