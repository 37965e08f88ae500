package dev.kedge.ceph;

import static dev.kedge.ceph.Failures.assertFails;
import static dev.kedge.ceph.Failures.assertFailsSoon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.ceph.testing.LabCeph;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ceph in trouble: what stops a client, and what must not. */
class TroubleTest {
  private static final long MIB = 1 << 20;
  private static final String SMALL_POOL = "kedge-test-small";

  private final LabCeph ceph = LabCeph.connect();
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    ceph.close();
    arena.close();
  }

  @Test
  @Timeout(120)
  void aReadOutlivesAPauseOfTheOsds() {
    String name = ceph.image(MIB);
    MemorySegment buffer = arena.allocate(MIB).fill((byte) 9);
    try (RbdImage image = ceph.pool().openReadOnly(name, null)) {
      AioCompletion read;
      ceph.ceph("osd", "set", "pause");
      try {
        ceph.cluster().poolNames();
        read = image.readAsync(0, buffer);
      } finally {
        ceph.ceph("osd", "unset", "pause");
      }
      assertThat(read.await()).isEqualTo(MIB);
    }
  }

  @Test
  @Timeout(120)
  void aClientThatCephHasBlocklistedIsToldSo() {
    String name = ceph.image(8 * MIB);
    try (CephCluster cluster = CephCluster.connect(ceph.options());
        RbdPool pool = cluster.openPool(LabCeph.POOL, "")) {
      RbdImage image = pool.open(name);
      image.write(0, arena.allocate(4096));
      String address = image.watchers().getFirst().address();
      ceph.ceph("osd", "blocklist", "add", address, "60");
      try {
        // The monitors tell the OSDs whom they have blocklisted.
        assertFailsSoon(ErrorCode.SOURCE_UNREACHABLE, () -> image.read(0, arena.allocate(4096)))
            .hasMessageContaining("blocklisted")
            .hasMessageContaining("rbd_aio_read: ESHUTDOWN");
      } finally {
        ceph.ceph("osd", "blocklist", "rm", address);
      }
    }
  }

  @Test
  @Timeout(180)
  void aFullPoolIsToldAndDoesNotHangTheWriter() {
    ceph.ensurePool(SMALL_POOL);
    try (RbdPool small = ceph.cluster().openPool(SMALL_POOL, "")) {
      String name = ceph.image(small, ImageSpec.ofSize(64L << 30));
      ceph.ceph("osd", "pool", "set-quota", SMALL_POOL, "max_bytes", Long.toString(4 * MIB));
      try (RbdImage image = small.open(name)) {
        MemorySegment data = arena.allocate(16384).fill((byte) 1);
        assertFails(ErrorCode.TARGET_FULL, () -> fill(image, data))
            .hasMessageContaining("image " + image.spec())
            .hasMessageContaining("no space left")
            .hasMessageContaining("rbd_aio_write: E");
      } finally {
        ceph.ceph("osd", "pool", "set-quota", SMALL_POOL, "max_bytes", "0");
      }
    }
  }

  /** New objects only: a write that needs no more space is let through. */
  private static void fill(RbdImage image, MemorySegment data) {
    // The monitors notice a full pool only after some seconds: write on until they do.
    for (long offset = 0; offset < image.sizeBytes(); offset += 4 * MIB) {
      image.write(offset, data);
    }
  }
}
