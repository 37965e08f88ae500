package dev.kedge.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The check agrees with qemu-img check, on sound files and on damaged ones. */
class Qcow2CheckTest {
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
        "cluster_size=512",
        "cluster_size=4k",
        "cluster_size=2M",
        "refcount_bits=1",
        "refcount_bits=2",
        "refcount_bits=4",
        "refcount_bits=8",
        "refcount_bits=32",
        "refcount_bits=64,cluster_size=512",
        "preallocation=metadata",
        "preallocation=full",
        "compression_type=zstd"
      })
  void whatQemuWritesIsSound(String options) throws IOException {
    byte[] content = new byte[5_000_192];
    new Random(1).nextBytes(content);
    java.util.Arrays.fill(content, 1_000_000, 3_000_000, (byte) 3);
    Files.write(directory.resolve("a.raw"), content);
    // A compressed image needs refcounts above one.
    if (options.contains("preallocation") || options.contains("refcount_bits=1")) {
      qemu.run("convert", "-f", "raw", "-O", "qcow2", "-o", options, "a.raw", "a.qcow2");
    } else {
      qemu.run("convert", "-c", "-f", "raw", "-O", "qcow2", "-o", options, "a.raw", "a.qcow2");
      qemu.io("-f", "qcow2", "-c", "write -P 9 4096 300k", "a.qcow2");
    }
    CheckReport report = check("a.qcow2");
    assertThat(report.corruptions()).isEmpty();
    assertThat(report.leakedClusters()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void plainDataIsExactlyWhatTheExtentsSay(long seed) throws IOException {
    write("a.qcow2", seed);
    CheckReport report = check("a.qcow2");
    assertThat(report.corruptions()).isEmpty();
    assertThat(report.leakedClusters()).isZero();
    BitSet expected = new BitSet();
    try (FileInput in = new FileInput(directory.resolve("a.qcow2"))) {
      Qcow2File file = Qcow2File.open(in, "a.qcow2");
      int bits = file.header().clusterSize().bits();
      file.forEachExtent(
          0,
          Long.MAX_VALUE,
          e -> {
            if (e.kind() == Extent.Kind.DATA) {
              expected.set(
                  (int) (e.hostOffset() >> bits),
                  (int) ((e.hostOffset() + e.hostLengthBytes() - 1) >> bits) + 1);
            }
          });
    }
    for (long i = -1; i <= report.hostClusters(); i++) {
      assertThat(report.isPlainData(i)).isEqualTo(i >= 0 && expected.get((int) i));
    }
  }

  /** Flips bits in the tables of a sound file; both judges must find it damaged, or both not. */
  @Test
  void damageThatQemuFindsIsFound() throws IOException, InterruptedException {
    Path path = directory.resolve("a.qcow2");
    write("a.qcow2", 3);
    byte[] sound = Files.readAllBytes(path);
    BitSet tables = tableBytes(sound);
    Random random = new Random(42);
    int damaged = 0;
    for (int i = 0; i < 100; i++) {
      byte[] bytes = sound.clone();
      int at = tables.nextSetBit(random.nextInt(tables.length()));
      int bit = random.nextInt(8);
      bytes[at] ^= (byte) (1 << bit);
      Files.write(path, bytes);
      boolean qemuSound = qemuFindsSound(path);
      if (!qemuSound) {
        assertThat(isSoundWithoutLeaks()).as("byte %d bit %d", at, bit).isFalse();
        damaged++;
      }
    }
    assertThat(damaged).isGreaterThan(60);
  }

  private boolean isSoundWithoutLeaks() throws IOException {
    try {
      CheckReport report = check("a.qcow2");
      return report.isSound() && report.leakedClusters() == 0;
    } catch (KedgeException e) {
      return false;
    }
  }

  private boolean qemuFindsSound(Path path) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("qemu-img", "check", "-f", "qcow2", path.toString())
            .redirectErrorStream(true)
            .start();
    process.getInputStream().readAllBytes();
    return process.waitFor() == 0;
  }

  /** The non-zero bytes of L1, L2, refcount table and refcount blocks. */
  private BitSet tableBytes(byte[] image) throws IOException {
    CheckReport report = check("a.qcow2");
    ByteBuffer b = ByteBuffer.wrap(image);
    int clusterBytes = 1 << b.getInt(20);
    BitSet tables = new BitSet();
    int l1 = (int) b.getLong(40);
    addNonZero(tables, image, l1, clusterBytes);
    for (int i = 0; i < b.getInt(36); i++) {
      int l2 = (int) (b.getLong(l1 + i * 8) & TableFormat.OFFSET_MASK);
      if (l2 != 0) {
        addNonZero(tables, image, l2, clusterBytes);
      }
    }
    int refcountTable = (int) b.getLong(48);
    addNonZero(tables, image, refcountTable, clusterBytes);
    addNonZero(tables, image, (int) b.getLong(refcountTable), clusterBytes);
    assertThat(report.isSound()).isTrue();
    return tables;
  }

  private static void addNonZero(BitSet set, byte[] image, int from, int length) {
    for (int i = from; i < from + length; i++) {
      if (image[i] != 0) {
        set.set(i);
      }
    }
  }

  @Test
  void leaksAreCountedAndDoNotMakeTheFileUnsound() throws IOException {
    write("a.qcow2", 1);
    Path path = directory.resolve("a.qcow2");
    byte[] image = Files.readAllBytes(path);
    ByteBuffer b = ByteBuffer.wrap(image);
    int block = (int) b.getLong((int) b.getLong(48));
    b.putShort(block, (short) 2);
    Files.write(path, image);
    CheckReport report = check("a.qcow2");
    assertThat(report.isSound()).isTrue();
    assertThat(report.leakedClusters()).isEqualTo(1);
  }

  @Test
  void internalSnapshotsAndBitmapsAreRefusedByName() {
    qemu.run("create", "-f", "qcow2", "a.qcow2", "1M");
    qemu.run("create", "-f", "qcow2", "b.qcow2", "1M");
    qemu.run("snapshot", "-c", "one", "a.qcow2");
    qemu.run("bitmap", "--add", "b.qcow2", "b");
    for (String name : new String[] {"a.qcow2", "b.qcow2"}) {
      assertThatThrownBy(() -> check(name))
          .isInstanceOfSatisfying(
              KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
          .hasMessageContaining(name)
          .hasMessageContaining("snapshots or bitmaps");
    }
  }

  @Test
  void aFileBeyondTheMemoryBoundIsRefused() throws IOException {
    write("a.qcow2", 1);
    try (FileInput in = new FileInput(directory.resolve("a.qcow2"))) {
      Qcow2File file = Qcow2File.open(in, "a.qcow2");
      assertThatThrownBy(() -> Qcow2Check.check(file, 3)).hasMessageContaining("memory");
    }
  }

  private void write(String name, long seed) throws IOException {
    Random random = new Random(seed);
    GuestModel guest = new GuestModel(3_000_000);
    try (FileOutput out = new FileOutput(directory.resolve(name))) {
      Compression compression = java.util.List.of(Compression.values()).get((int) (seed % 3));
      guest.writeLayer(
          out,
          new WriterOptions(3_000_000, new ClusterSize(12 + (int) seed % 4), compression, null),
          random);
    }
  }

  private CheckReport check(String name) throws IOException {
    try (FileInput in = new FileInput(directory.resolve(name))) {
      return Qcow2Check.check(Qcow2File.open(in, name));
    }
  }
}
