package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.TargetFolder;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the command has in memory at most. The aim for a single image is 160 MiB, which {@code
 * bench/compare} measures; the bound here leaves room for machines that give memory another way.
 */
class MemoryIT extends CliTest {
  private static final int MOST_MIB = 200;
  // How much two runs of the same differ.
  private static final int NOISE_MIB = 24;
  private static final int DATA_MIB = 256;
  private static final long SMALL_BYTES = 1L << 30;
  private static final long HUGE_BYTES = 1L << 40;

  @ParameterizedTest
  @ValueSource(strings = {"none", "zstd"})
  void itDoesNotGrowWithTheImage(String compression) throws IOException {
    long small = backUpAndRestore(newImage(SMALL_BYTES), compression);
    long huge = backUpAndRestore(newImage(HUGE_BYTES), compression);
    assertThat(huge).as("MiB, and %s MiB of the small image", small).isLessThan(small + NOISE_MIB);
    assertThat(small).as("MiB").isLessThan(MOST_MIB);
  }

  private String newImage(long sizeBytes) {
    String image = lab().image(lab().pool(), ImageSpec.ofSize(sizeBytes));
    SplittableRandom random = new SplittableRandom(SEED);
    byte[] bytes = new byte[4 * MIB];
    try (RbdImage handle = lab().pool().open(image);
        Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(bytes.length);
      for (int i = 0; i < DATA_MIB / 4; i++) {
        random.nextBytes(bytes);
        // A quarter compresses.
        Arrays.fill(bytes, 0, MIB, (byte) i);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        handle.write(sizeBytes / (DATA_MIB / 4) * i, segment);
      }
    }
    return image;
  }

  /** The larger of both peaks, in MiB. */
  private long backUpAndRestore(String image, String compression) throws IOException {
    TargetFolder target = newTarget();
    String location = "rbd:" + LabCeph.POOL + "/" + image;
    long backup =
        peakMib("backup", location, "--target", target.location(), "--compression", compression);
    String copy = lab().removeLater(lab().pool(), LabCeph.uniqueName("restored"));
    long restore =
        peakMib(
            "restore",
            "latest:" + location,
            "--target",
            target.location(),
            "--to",
            "rbd:" + LabCeph.POOL + "/" + copy);
    target.remove();
    return Math.max(backup, restore);
  }

  private long peakMib(String... words) throws IOException {
    Running running = kedge().start(words);
    Path status = Path.of("/proc", Long.toString(running.pid()), "status");
    long peakKib = 0;
    while (running.isAlive()) {
      peakKib = Math.max(peakKib, peakKib(status));
      LockSupport.parkNanos(2_000_000);
    }
    running.await().exits(0);
    return peakKib / 1024;
  }

  // VmHWM: what it had at most so far; nothing of a process that has just ended.
  private static long peakKib(Path status) throws IOException {
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      if (Files.exists(status)) {
        throw e;
      }
      return 0;
    }
  }
}
