package dev.kedge.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.testing.LabCeph;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images that are closed soon after they were opened, while the cluster's OSD map changes. Found by
 * {@link LeakTest} on a busy machine: with two threads librbd (16.2.15 and 18.2.7) uses memory that
 * it has freed, within a second or two here. In a process of its own, whose freed memory is
 * overwritten so that its use is noticed.
 */
class HastyClosingTest {
  private static final int SECONDS = 8;

  @TempDir Path folder;
  private LabCeph ceph;
  private String image;

  /** Opens and closes an image at its snapshot from several threads. */
  static final class OpenAndClose {
    private OpenAndClose() {}

    public static void main(String[] arguments) throws InterruptedException {
      CephOptions options = CephOptions.defaults().withConfFile(Path.of(arguments[0]));
      try (CephCluster cluster = CephCluster.connect(options);
          RbdPool pool = cluster.openPool(LabCeph.POOL, "")) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
          threads[i] = Thread.ofPlatform().start(() -> openAndClose(pool, arguments[1], end));
        }
        for (Thread thread : threads) {
          thread.join();
        }
      }
    }

    private static void openAndClose(RbdPool pool, String name, long end) {
      for (int i = 0; System.nanoTime() < end; i++) {
        try (RbdImage opened = pool.openReadOnly(name, i % 2 == 0 ? "s" : null)) {
          assertThat(opened.sizeBytes()).isPositive();
        }
      }
    }
  }

  @BeforeEach
  void connect() {
    ceph = LabCeph.connect();
    image = ceph.image(1 << 20);
    try (Arena arena = Arena.ofConfined();
        RbdImage opened = ceph.pool().open(image)) {
      MemorySegment bytes = arena.allocate(65536).fill((byte) 1);
      opened.write(0, bytes);
      opened.createSnapshot("s");
    }
  }

  @AfterEach
  void disconnect() {
    ceph.close();
  }

  /** Each change of a pool's quota is a new map. */
  private void changeTheMapWhile(Process process) {
    for (int i = 1; process.isAlive(); i++) {
      ceph.ceph("osd", "pool", "set-quota", LabCeph.POOL, "max_objects", "" + (1_000_000_000 + i));
    }
    ceph.ceph("osd", "pool", "set-quota", LabCeph.POOL, "max_objects", "0");
  }

  private Process start(Path output) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + folder.resolve("hs_err"),
            "-cp",
            System.getProperty("java.class.path"),
            OpenAndClose.class.getName(),
            LabCeph.confOfLab().toString(),
            image);
    builder.environment().put("MALLOC_PERTURB_", "165");
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }

  @Test
  void anImageMayBeClosedAsSoonAsItIsOpen() throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process = start(output);
    changeTheMapWhile(process);
    assertThat(process.waitFor()).as(Files.readString(output)).isZero();
  }
}
