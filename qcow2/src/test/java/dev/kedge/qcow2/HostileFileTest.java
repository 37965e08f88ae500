package dev.kedge.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a file says, it is read or refused, with bounded work and memory. */
class HostileFileTest {
  /** One case: a few slices and buffers; a cluster may be 2 MiB. */
  private static final long MAX_ALLOCATED_BYTES = 24L << 20;

  private static final long[] SPITEFUL = {
    0,
    1,
    2,
    3,
    9,
    12,
    16,
    21,
    22,
    63,
    64,
    72,
    104,
    112,
    511,
    512,
    4096,
    65535,
    65536,
    1 << 20,
    Integer.MAX_VALUE,
    0x80000000L,
    0xffffffffL,
    1L << 40,
    1L << 55,
    1L << 56,
    1L << 61,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -512,
    -65536
  };

  @TempDir Path directory = Path.of("");
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private QemuImg qemu = new QemuImg(directory);

  @BeforeEach
  void useDirectory() {
    qemu = new QemuImg(directory);
  }

  /** Sound files of all kinds, to be damaged. */
  private List<byte[]> soundFiles() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      files.add(ours(i));
    }
    byte[] content = new byte[200 << 10];
    new Random(5).nextBytes(content);
    Arrays.fill(content, 50_000, 150_000, (byte) 7);
    Files.write(directory.resolve("a.raw"), content);
    for (String options :
        new String[] {"compat=0.10", "cluster_size=512", "refcount_bits=1", "cluster_size=4k"}) {
      qemu.run("convert", "-f", "raw", "-O", "qcow2", "-o", options, "a.raw", "a.qcow2");
      files.add(Files.readAllBytes(directory.resolve("a.qcow2")));
    }
    qemu.run("snapshot", "-c", "one", "a.qcow2");
    qemu.run("bitmap", "--add", "a.qcow2", "b");
    files.add(Files.readAllBytes(directory.resolve("a.qcow2")));
    return files;
  }

  private static byte[] ours(int kind) throws IOException {
    Random random = new Random(kind);
    Compression compression = List.of(Compression.values()).get(kind % 3);
    BackingFile backing = kind % 2 == 0 ? null : new BackingFile("parent.qcow2", "qcow2");
    MemoryFile out = new MemoryFile();
    new GuestModel(300_000)
        .writeLayer(
            out,
            new WriterOptions(300_000, new ClusterSize(12 + kind % 3), compression, backing),
            random);
    return out.bytes();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void thousandsOfDamagedFilesEndInSuccessOrARefusal(long seed) throws IOException {
    Random random = new Random(seed);
    List<byte[]> sound = soundFiles();
    int refused = 0;
    int cases = 2000;
    for (int i = 0; i < cases; i++) {
      byte[] bytes = sound.get(random.nextInt(sound.size())).clone();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        bytes = damage(bytes, random);
      }
      long length = random.nextInt(20) == 0 ? 1L << (10 + random.nextInt(52)) : bytes.length;
      refused += survives(bytes, length, "seed " + seed + ", case " + i) ? 0 : 1;
    }
    assertThat(refused).as("the damage reaches the checks").isBetween(cases / 4, cases - 1);
  }

  private static byte[] damage(byte[] bytes, Random random) {
    ByteBuffer b = ByteBuffer.wrap(bytes);
    long value = SPITEFUL[random.nextInt(SPITEFUL.length)];
    int l1 = b.getInt(44);
    int table = random.nextInt(3) == 0 ? b.getInt(52) : l1;
    switch (random.nextInt(8)) {
      case 0 -> b.putInt(4 * random.nextInt(28), (int) value);
      case 1 -> b.putLong(8 * random.nextInt(14), value);
      case 2 -> b.put(random.nextInt(256), (byte) random.nextInt());
      case 3 -> {
        return Arrays.copyOf(bytes, 256 + random.nextInt(Math.max(1, bytes.length - 256)));
      }
      case 4 -> putLong(b, table + 8L * random.nextInt(16), value);
      case 5 -> putLong(b, l1, (l1 & 0xffffffffL) | TableFormat.COPIED);
      case 6 -> damageL2(b, l1, value, random);
      default -> b.put(random.nextInt(bytes.length), (byte) random.nextInt());
    }
    return bytes;
  }

  private static void damageL2(ByteBuffer b, int l1, long value, Random random) {
    if (l1 > 0 && l1 <= b.capacity() - 8) {
      long l2 = b.getLong(l1) & TableFormat.OFFSET_MASK;
      long flags = (long) random.nextInt(4) << 62;
      long low = random.nextBoolean() ? value : (long) random.nextInt(1 << 20) << 9;
      putLong(b, l2 + 8L * random.nextInt(80), low | flags);
    }
  }

  private static void putLong(ByteBuffer b, long at, long value) {
    if (at >= 0 && at + 8 <= b.capacity()) {
      b.putLong((int) at, value);
    }
  }

  /** True where nothing was refused. */
  private boolean survives(byte[] bytes, long length, String which) {
    MemoryFile in = new MemoryFile(bytes, length);
    long before = threads.getCurrentThreadAllocatedBytes();
    boolean accepted;
    try {
      exercise(in);
      accepted = true;
    } catch (KedgeException e) {
      assertThat(e.getMessage()).as(which).startsWith("hostile.qcow2").doesNotContain("\n");
      accepted = false;
    } catch (IOException e) {
      accepted = false;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return fail(which, e);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .as(which)
        .isLessThan(MAX_ALLOCATED_BYTES);
    assertThat(in.bytesRead()).as(which).isLessThan(64L << 20);
    return accepted;
  }

  /** Opens, maps, reads and checks; throws where anything is wrong. */
  private static void exercise(MemoryFile in) throws IOException {
    Qcow2Chain chain = Qcow2Chain.open("hostile.qcow2", name -> pick(name, in));
    long[] extents = {0};
    chain.forEachExtent(0, Long.MAX_VALUE, (layer, extent) -> extents[0]++);
    try (ChainReader reader = new ChainReader(chain)) {
      long size = chain.virtualSizeBytes();
      ByteBuffer part = ByteBuffer.allocate((int) Math.min(size, 400_000));
      reader.read(0, part);
      reader.read(size - part.capacity(), part.clear());
    }
    CheckReport report = Qcow2Check.check(chain.layers().getFirst(), 1 << 20);
    if (!report.isSound() || report.leakedClusters() > 0) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED, "hostile.qcow2: " + report.corruptions());
    }
  }

  private static RandomAccessInput pick(String name, MemoryFile hostile) throws IOException {
    if (name.equals("hostile.qcow2")) {
      return hostile;
    }
    byte[] parent = ours(0);
    return new MemoryFile(parent, parent.length);
  }

  @Test
  void theSoundFilesAreSound() throws IOException {
    List<byte[]> files = soundFiles();
    for (byte[] file : files.subList(0, files.size() - 1)) {
      exercise(new MemoryFile(file, file.length));
    }
  }

  @Test
  void aFileCutAnywhereIsRefused() throws IOException {
    byte[] whole = ours(0);
    for (int length = 0; length < whole.length; length += length < 300 ? 1 : 997) {
      MemoryFile cut = new MemoryFile(whole, length);
      assertThatThrownBy(() -> exercise(cut))
          .as("%d bytes", length)
          .isInstanceOfSatisfying(
              KedgeException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.VERIFICATION_FAILED))
          .hasMessageContaining("hostile.qcow2");
    }
  }

  @Test
  void aHugeTableThatNamesOneL2TableOverAndOverIsRefused() throws IOException {
    ByteBuffer b = ByteBuffer.allocate(40 << 20);
    byte[] header = Arrays.copyOf(ours(0), 112);
    b.put(0, header);
    long entries = ClusterSize.MAX_L1_BYTES / 8;
    b.putInt(20, 12).putLong(24, entries << 21).putInt(36, (int) entries).putLong(40, 1 << 20);
    b.putLong(48, 8192).putInt(56, 1);
    for (int i = 0; i < entries; i++) {
      b.putLong((1 << 20) + i * 8, 36L << 20 | TableFormat.COPIED);
    }
    for (long length : new long[] {40 << 20, 1L << 50}) {
      MemoryFile in = new MemoryFile(b.array(), length);
      assertThatThrownBy(() -> exercise(in)).hasMessageContaining("L1 entr");
      assertThat(in.bytesRead()).isLessThan(40 << 20);
    }
  }

  @Test
  void anAbsurdlyLongSparseFileIsRefusedByTheCheck() throws IOException {
    byte[] bytes = ours(0);
    MemoryFile in = new MemoryFile(bytes, 1L << 60);
    Qcow2File file = Qcow2File.open(in, "hostile.qcow2");
    assertThatThrownBy(() -> Qcow2Check.check(file))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "../parent.qcow2",
        "a/b.qcow2",
        "..",
        ".",
        "json:{}",
        "nbd://host/x",
        "file:parent.qcow2",
        "a\\b",
        "a\nb"
      })
  void aBackingNameThatLeavesTheDirectoryIsNotFollowed(String name) throws IOException {
    byte[] bytes = withBackingName(name);
    List<String> opened = new ArrayList<>();
    assertThatThrownBy(() ->
            Qcow2Chain.open(
                "top.qcow2",
                n -> {
                  opened.add(n);
                  return new MemoryFile(bytes, bytes.length);
                }))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining("top.qcow2")
        .hasMessageNotContaining("\n");
    assertThat(opened).containsExactly("top.qcow2");
    assertThatThrownBy(() -> options(new BackingFile(name, null)))
        .isInstanceOf(KedgeException.class);
  }

  private static byte[] withBackingName(String name) throws IOException {
    byte[] bytes = ours(1);
    ByteBuffer b = ByteBuffer.wrap(bytes);
    b.putInt(16, name.length());
    b.put((int) b.getLong(8), name.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    return bytes;
  }

  private static WriterOptions options(BackingFile backing) {
    return new WriterOptions(0, ClusterSize.DEFAULT, Compression.NONE, backing);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "50"})
  void aLoopIsDetected(int length) {
    assertThatThrownBy(() ->
            Qcow2Chain.open(
                "0", name -> empty("" + (Integer.parseInt(name) + 1) % length, 1 << 20)))
        .isInstanceOfSatisfying(
            KedgeException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.VERIFICATION_FAILED))
        .hasMessageContaining("leads back");
  }

  @Test
  void anEndlessChainIsRefused() {
    assertThatThrownBy(
            () -> Qcow2Chain.open("0", name -> empty("" + (Integer.parseInt(name) + 1), 1 << 20)))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining("too long");
  }

  private static MemoryFile empty(String backing, long size) throws IOException {
    MemoryFile out = new MemoryFile();
    new Qcow2Writer(
            out,
            new WriterOptions(
                size, new ClusterSize(12), Compression.NONE, new BackingFile(backing, "qcow2")))
        .finish();
    return out;
  }
}
