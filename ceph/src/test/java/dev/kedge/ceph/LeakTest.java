package dev.kedge.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.ceph.testing.LabCeph;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeakTest {
  private static final long MIB = 1 << 20;
  private static final int WARM_UP = 500;
  private static final int IMAGES = 3000;
  private static final int CONNECTIONS = 60;

  private final LabCeph ceph = LabCeph.connect();

  @AfterEach
  void close() {
    ceph.close();
  }

  private static long residentKib() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }

  private static long entries(String folder) throws IOException {
    try (Stream<Path> paths = Files.list(Path.of(folder))) {
      return paths.count();
    }
  }

  private void openAndUse(String name, MemorySegment buffer, int times) {
    for (int i = 0; i < times; i++) {
      try (RbdImage image = ceph.pool().openReadOnly(name, i % 2 == 0 ? "s" : null)) {
        image.read(0, buffer);
        image.diff("s", 0, MIB, false, i % 3 == 0, (offset, length, exists) -> {});
        assertThat(image.snapshots()).hasSize(1);
        assertThat(image.parent()).isEmpty();
        assertThat(image.metadata("k")).isEmpty();
      }
    }
  }

  @Test
  void thousandsOfImagesOpenedAndClosedLeaveNothingBehind() throws IOException {
    String name = ceph.image(MIB);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment buffer = arena.allocate(65536).fill((byte) 1);
      try (RbdImage image = ceph.pool().open(name)) {
        image.write(0, buffer);
        image.createSnapshot("s");
      }
      openAndUse(name, buffer, WARM_UP);
      long residentBefore = residentKib();
      long filesBefore = entries("/proc/self/fd");
      long threadsBefore = entries("/proc/self/task");
      openAndUse(name, buffer, IMAGES);
      // An image that stays open costs 330 KiB; the JVM's own noise stays below this.
      assertThat(residentKib() - residentBefore).isLessThan(48 * 1024);
      assertThat(entries("/proc/self/fd")).isLessThanOrEqualTo(filesBefore + 5);
      assertThat(entries("/proc/self/task")).isLessThanOrEqualTo(threadsBefore + 5);
    }
  }

  @Test
  void connectionsAndTheirFailuresLeaveNothingBehind() throws IOException {
    connect(10);
    long filesBefore = entries("/proc/self/fd");
    long threadsBefore = entries("/proc/self/task");
    connect(CONNECTIONS);
    assertThat(entries("/proc/self/fd")).isLessThanOrEqualTo(filesBefore + 5);
    assertThat(entries("/proc/self/task")).isLessThanOrEqualTo(threadsBefore + 5);
  }

  private void connect(int times) {
    for (int i = 0; i < times; i++) {
      try (CephCluster cluster = CephCluster.connect(ceph.options());
          RbdPool pool = cluster.openPool(LabCeph.POOL, "")) {
        assertThat(pool.exists("missing")).isFalse();
      }
      Failures.assertFails(
          ErrorCode.AUTHENTICATION_FAILED,
          () -> CephCluster.connect(ceph.options().withUser("stranger", null)).close());
    }
  }
}
