package dev.kedge.ceph;

import static dev.kedge.ceph.Failures.assertFails;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kedge.base.ErrorCode;
import dev.kedge.ceph.testing.LabCeph;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RbdImageTest {
  private static final long MIB = 1 << 20;

  private final LabCeph ceph = LabCeph.connect();
  private final RbdPool pool = ceph.pool();
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    ceph.close();
    arena.close();
  }

  private MemorySegment filled(long bytes, int value) {
    return arena.allocate(bytes).fill((byte) value);
  }

  private byte[] content(RbdImage image) {
    // Dirty before, so that a hole that librbd would not fill is seen.
    MemorySegment buffer = filled(image.sizeBytes(), 99);
    assertThat(image.read(0, buffer)).isEqualTo(buffer.byteSize());
    return buffer.toArray(JAVA_BYTE);
  }

  @Test
  void whatWasWrittenIsReadAndExportedByRbd() {
    String name = ceph.image(16 * MIB);
    try (RbdImage image = pool.open(name)) {
      image.write(3 * MIB + 17, filled(2 * MIB, 7));
      image.createSnapshot("s");
      image.write(3 * MIB + 17, filled(MIB, 8));
      image.flush();
      Contents.assertSame(content(image), ceph.export(image.spec()));
    }
    try (RbdImage snapshot = pool.openReadOnly(name, "s")) {
      assertThat(snapshot.snapshotName()).isEqualTo("s");
      byte[] content = content(snapshot);
      Contents.assertSame(content, ceph.export(snapshot.spec()));
      assertThat(content[(int) (3 * MIB + 17)]).isEqualTo((byte) 7);
    }
  }

  @Test
  void stripedAndSeparateDataIsReadAsRbdExportsIt() {
    ceph.ensurePool("kedge-test-data");
    String name =
        ceph.image(
            pool,
            ImageSpec.ofSize(16 * MIB)
                .withOrder(20)
                .withStriping(65536, 8)
                .withDataPool("kedge-test-data"));
    try (RbdImage image = pool.open(name)) {
      for (int i = 0; i < 50; i++) {
        image.write(i * 300_007L, filled(100_003, i + 1));
      }
      Contents.assertSame(content(image), ceph.export(image.spec()));
    }
  }

  @Test
  void aReadPastTheEndIsShort() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.openReadOnly(name, null)) {
      AioCompletion read = image.readAsync(MIB - 1000, filled(4096, 1));
      assertThat(read.await()).isEqualTo(1000);
      assertThat(read.await()).as("awaited again").isEqualTo(1000);
      assertThat(read.isDone()).isTrue();
    }
  }

  @Test
  void aWritePastTheEndIsRefusedAndNotCut() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.open(name)) {
      assertThatThrownBy(() -> image.writeAsync(MIB - 4, filled(8, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(image.spec());
      assertThatThrownBy(() -> image.discardAsync(-1, 8))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> image.writeZeroesAsync(0, MIB + 1))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> image.writeZeroesAsync(Long.MAX_VALUE, 1))
          .isInstanceOf(IllegalArgumentException.class);
      Contents.assertFilled(content(image), image.sizeBytes(), 0);
    }
  }

  @Test
  void buffersMustBeNativeAndReadsNeedWritableOnes() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.open(name)) {
      assertThatThrownBy(() -> image.writeAsync(0, MemorySegment.ofArray(new byte[8])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("native");
      assertThatThrownBy(() -> image.readAsync(0, filled(8, 0).asReadOnly()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("read-only");
    }
  }

  @Test
  void aReadOnlyImageRefusesWritesWithCallOffsetAndImage() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.openReadOnly(name, null)) {
      assertFails(ErrorCode.FAILED, () -> image.write(4096, filled(512, 1)))
          .hasMessageContaining("image " + image.spec() + " at 4096+512 is read-only")
          .hasMessageContaining("rbd_aio_write: EROFS");
      assertFails(ErrorCode.FAILED, () -> image.createSnapshot("s"))
          .hasMessageContaining("snapshot s of image " + image.spec())
          .hasMessageContaining("rbd_snap_create: EROFS");
      assertFails(ErrorCode.FAILED, () -> image.resize(0)).hasMessageContaining("rbd_resize");
    }
  }

  @Test
  void zeroesAreReadWhereZeroesWereWrittenToTheByte() {
    String name = ceph.image(16 * MIB);
    try (RbdImage image = pool.open(name)) {
      image.write(0, filled(16 * MIB, 5));
      assertThat(image.writeZeroesAsync(5, 7 * MIB + 3).await()).isEqualTo(7 * MIB + 3);
      byte[] expected = new byte[(int) (16 * MIB)];
      Arrays.fill(expected, (byte) 5);
      Arrays.fill(expected, 5, (int) (7 * MIB + 8), (byte) 0);
      Contents.assertSame(content(image), expected);
      Contents.assertSame(ceph.export(image.spec()), expected);
    }
  }

  @Test
  void aDiscardFreesWholeObjects() {
    String name = ceph.image(16 * MIB);
    try (RbdImage image = pool.open(name)) {
      image.write(0, filled(16 * MIB, 5));
      assertThat(image.discardAsync(4 * MIB, 8 * MIB).await()).isEqualTo(8 * MIB);
      image.flushAsync().await();
      assertThat(Extents.of(image, null, false))
          .containsExactly("0+4194304 data", "12582912+4194304 data");
      byte[] content = content(image);
      Contents.assertFilled(
          Arrays.copyOfRange(content, (int) (4 * MIB), (int) (12 * MIB)), 8 * MIB, 0);
      assertThat(content[(int) (12 * MIB)]).isEqualTo((byte) 5);
    }
  }

  @Test
  void resizingMovesTheEndAndLosesWhatIsCutOff() {
    String name = ceph.image(4 * MIB);
    try (RbdImage image = pool.open(name)) {
      image.write(0, filled(4 * MIB, 5));
      image.resize(MIB);
      assertThat(image.sizeBytes()).isEqualTo(MIB);
      image.resize(6 * MIB + 512);
      assertThat(image.sizeBytes()).isEqualTo(6 * MIB + 512);
      byte[] content = content(image);
      Contents.assertFilled(Arrays.copyOf(content, (int) MIB), MIB, 5);
      Contents.assertFilled(
          Arrays.copyOfRange(content, (int) MIB, content.length), 5 * MIB + 512, 0);
    }
  }

  @Test
  void snapshotsAreListedInTheirOrderWithSizeAndTime() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.open(name)) {
      image.createSnapshot("zz-first");
      image.resize(2 * MIB);
      image.createSnapshot("aa-second");
      List<Snapshot> snapshots = image.snapshots();
      assertThat(snapshots).extracting(Snapshot::name).containsExactly("zz-first", "aa-second");
      assertThat(snapshots).extracting(Snapshot::sizeBytes).containsExactly(MIB, 2 * MIB);
      assertThat(snapshots.getFirst().id()).isLessThan(snapshots.getLast().id());
      assertThat(snapshots)
          .allSatisfy(s ->
              assertThat(s.createdAt()).isCloseTo(Instant.now(), within(10, ChronoUnit.MINUTES)));
      assertThat(ceph.rbd("snap", "ls", "--format", "json", image.spec()))
          .contains("\"id\":" + snapshots.getFirst().id() + ",\"name\":\"zz-first\"");
      image.removeSnapshot("zz-first");
      assertThat(image.snapshots()).extracting(Snapshot::name).containsExactly("aa-second");
    }
  }

  @Test
  void moreSnapshotsThanExpectedAreAllListed() {
    String name = ceph.image(MIB);
    List<String> names = IntStream.range(0, 6).mapToObj(i -> "s" + i).toList();
    try (RbdImage image = pool.open(name)) {
      names.forEach(image::createSnapshot);
      assertThat(image.snapshots()).extracting(Snapshot::name).isEqualTo(names);
    }
  }

  @Test
  void aProtectedSnapshotStaysUntilItIsUnprotected() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.open(name)) {
      image.createSnapshot("s");
      assertThat(image.isProtected("s")).isFalse();
      image.protectSnapshot("s");
      assertThat(image.isProtected("s")).isTrue();
      assertFails(ErrorCode.BUSY, () -> image.removeSnapshot("s"))
          .hasMessageContaining("snapshot s of image " + image.spec())
          .hasMessageContaining("rbd_snap_remove: EBUSY");
      ceph.unprotect(pool, name, "s");
      image.removeSnapshot("s");
      assertFails(ErrorCode.NOT_FOUND, () -> image.removeSnapshot("s"));
    }
  }

  @Test
  void aSnapshotIsNotTakenTwice() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.open(name)) {
      image.createSnapshot("s");
      assertFails(ErrorCode.FAILED, () -> image.createSnapshot("s")).hasMessageContaining("EEXIST");
    }
  }

  @Test
  void aRollbackBringsTheSnapshotsContentBack() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.open(name)) {
      image.write(0, filled(MIB, 1));
      image.createSnapshot("s");
      image.write(0, filled(MIB, 2));
      image.rollback("s");
      Contents.assertFilled(content(image), image.sizeBytes(), 1);
    }
  }

  @Test
  void metadataIsKeptAndListed() {
    String name = ceph.image(MIB);
    String longValue = "ü".repeat(5000);
    try (RbdImage image = pool.open(name)) {
      assertThat(image.metadata("kedge.point")).isEmpty();
      image.setMetadata("kedge.point", longValue);
      image.setMetadata("kedge.empty", "");
      image.setMetadata("kedge.z", "last");
      assertThat(image.metadata("kedge.point")).contains(longValue);
      assertThat(image.metadata())
          .isEqualTo(Map.of("kedge.point", longValue, "kedge.empty", "", "kedge.z", "last"));
      image.removeMetadata("kedge.point");
      assertThat(image.metadata("kedge.point")).isEmpty();
      assertThat(ceph.rbd("image-meta", "get", image.spec(), "kedge.z").strip()).isEqualTo("last");
    }
  }

  @Test
  void onlyAWriterWatchesAndOwnsTheLock() {
    String name = ceph.image(MIB);
    try (RbdImage reader = pool.openReadOnly(name, null)) {
      assertThat(reader.watchers()).isEmpty();
      assertFails(ErrorCode.FAILED, reader::lockOwners)
          .hasMessageContaining("lock of image " + reader.spec())
          .hasMessageContaining("rbd_lock_get_owners: EINVAL");
      try (RbdImage writer = pool.open(name)) {
        writer.write(0, filled(4096, 1));
        assertThat(writer.watchers()).hasSize(1).first().extracting(Watcher::address).isNotNull();
        assertThat(reader.watchers()).isEqualTo(writer.watchers());
        assertThat(writer.ownsExclusiveLock()).isTrue();
        assertThat(writer.lockOwners()).hasSize(1);
        writer.releaseExclusiveLock();
        assertThat(writer.ownsExclusiveLock()).isFalse();
        writer.acquireExclusiveLock();
        assertThat(writer.ownsExclusiveLock()).isTrue();
      }
      assertThat(reader.watchers()).isEmpty();
    }
  }

  @Test
  void anImageWithoutExclusiveLockHasNoOwners() {
    String name = ceph.image(pool, ImageSpec.ofSize(MIB).withFeatures(RbdFeatures.LAYERING));
    try (RbdImage image = pool.open(name)) {
      assertThat(image.lockOwners()).isEmpty();
    }
  }

  @Test
  void anObjectMapThatIsNotBuiltYetIsFlagged() {
    String name =
        ceph.image(
            pool,
            ImageSpec.ofSize(8 * MIB)
                .withFeatures(RbdFeatures.LAYERING | RbdFeatures.EXCLUSIVE_LOCK));
    try (RbdImage image = pool.open(name)) {
      image.write(0, filled(4096, 1));
    }
    String spec = LabCeph.POOL + "/" + name;
    ceph.rbd("feature", "enable", spec, "object-map", "fast-diff");
    try (RbdImage image = pool.openReadOnly(name, null)) {
      assertThat(image.flags()).isEqualTo(RbdFlags.OBJECT_MAP_INVALID | RbdFlags.FAST_DIFF_INVALID);
    }
    ceph.rbd("--no-progress", "object-map", "rebuild", spec);
    try (RbdImage image = pool.openReadOnly(name, null)) {
      assertThat(image.flags()).isZero();
    }
  }
}
