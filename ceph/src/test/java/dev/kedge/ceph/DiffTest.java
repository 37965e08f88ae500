package dev.kedge.ceph;

import static dev.kedge.ceph.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.ceph.testing.LabCeph;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DiffTest {
  private static final long MIB = 1 << 20;
  private static final long SIZE = 32 * MIB;
  private static final long SEED = 20261123;

  private final LabCeph ceph = LabCeph.connect();
  private final RbdPool pool = ceph.pool();
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    ceph.close();
    arena.close();
  }

  /** Writes, zeroes and discards of all sizes, aligned or not. */
  private void change(RbdImage image, Random random, int times) {
    for (int i = 0; i < times; i++) {
      long length = 1 + random.nextLong(random.nextBoolean() ? 9000 : 5 * MIB);
      long offset = random.nextLong(SIZE - length);
      switch (random.nextInt(4)) {
        case 0 -> image.writeZeroesAsync(offset, length).await();
        case 1 -> image.discardAsync(offset, length).await();
        default -> {
          MemorySegment data = arena.allocate(length);
          image.write(offset, data.fill((byte) (1 + random.nextInt(255))));
        }
      }
    }
  }

  private String changedImage() {
    String name = ceph.image(SIZE);
    Random random = new Random(SEED);
    try (RbdImage image = pool.open(name)) {
      change(image, random, 12);
      image.createSnapshot("one");
      change(image, random, 12);
      image.createSnapshot("two");
    }
    return name;
  }

  @Test
  void diffsAreThoseOfTheRbdCommand() {
    String name = changedImage();
    try (RbdImage two = pool.openReadOnly(name, "two")) {
      for (String from : new String[] {null, "one"}) {
        for (boolean whole : new boolean[] {false, true}) {
          assertThat(Extents.of(two, from, whole))
              .as("seed %d, from %s, whole objects %s", SEED, from, whole)
              .isNotEmpty()
              .isEqualTo(Extents.byRbd(ceph, two.spec(), from, whole));
        }
      }
    }
  }

  @Test
  void aDiffAppliedToTheOlderContentGivesTheNewer() {
    String name = changedImage();
    String spec = LabCeph.POOL + "/" + name;
    byte[] two = ceph.export(spec + "@two");
    for (boolean whole : new boolean[] {false, true}) {
      byte[] applied = ceph.export(spec + "@one");
      assertThat(applied).isNotEqualTo(two);
      try (RbdImage image = pool.openReadOnly(name, "two")) {
        image.diff(
            "one",
            0,
            SIZE,
            false,
            whole,
            (offset, length, exists) -> {
              int start = (int) offset;
              int count = (int) length;
              if (exists) {
                System.arraycopy(two, start, applied, start, count);
              } else {
                Arrays.fill(applied, start, start + count, (byte) 0);
              }
            });
      }
      assertThat(Arrays.mismatch(applied, two))
          .as("first differing byte, seed %d, whole objects %s", SEED, whole)
          .isEqualTo(-1);
    }
  }

  @Test
  void aCloneShowsItsParentsDataOnlyWhenAsked() {
    String parent = ceph.image(SIZE);
    String child = ceph.removeLater(pool, LabCeph.uniqueName("clone"));
    try (RbdImage image = pool.open(parent)) {
      image.write(0, arena.allocate(4 * MIB).fill((byte) 1));
      image.createSnapshot("base");
      image.protectSnapshot("base");
    }
    pool.cloneImage(parent, "base", pool, child);
    try (RbdImage image = pool.open(child)) {
      image.write(8 * MIB, arena.allocate(4 * MIB).fill((byte) 2));
      image.createSnapshot("s");
    }
    try (RbdImage image = pool.openReadOnly(child, "s")) {
      assertThat(Extents.of(image, null, false))
          .containsExactly("0+4194304 data", "8388608+4194304 data")
          .isEqualTo(Extents.byRbd(ceph, image.spec(), null, false));
      AtomicInteger own = new AtomicInteger();
      image.diff(null, 0, SIZE, false, false, (offset, length, exists) -> own.incrementAndGet());
      assertThat(own.get()).isEqualTo(1);
    }
  }

  @Test
  void aRangeIsCutAtTheEndAndAnEmptyOneVisitsNothing() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.open(name)) {
      image.write(0, arena.allocate(MIB).fill((byte) 1));
      AtomicInteger visits = new AtomicInteger();
      image.diff(null, 0, 0, true, false, (o, l, e) -> visits.incrementAndGet());
      image.diff(null, MIB, 4096, true, false, (o, l, e) -> visits.incrementAndGet());
      image.diff(null, 2 * MIB, 4096, true, true, (o, l, e) -> visits.incrementAndGet());
      assertThat(visits.get()).isZero();
      image.diff(
          null,
          MIB - 4096,
          Long.MAX_VALUE,
          true,
          false,
          (offset, length, exists) -> {
            visits.incrementAndGet();
            assertThat(offset + length).isEqualTo(MIB);
          });
      assertThat(visits.get()).isEqualTo(1);
    }
  }

  @Test
  void whatTheVisitorThrowsEndsTheDiffAndComesOutUnchanged() {
    String name = ceph.image(SIZE);
    try (RbdImage image = pool.open(name)) {
      for (long offset = 0; offset < SIZE; offset += 4 * MIB) {
        image.write(offset, arena.allocate(4096).fill((byte) 1));
      }
      for (boolean whole : new boolean[] {false, true}) {
        IllegalStateException mine = new IllegalStateException("mine");
        AtomicInteger visits = new AtomicInteger();
        assertThatThrownBy(() ->
                image.diff(
                    null,
                    0,
                    SIZE,
                    true,
                    whole,
                    (offset, length, exists) -> {
                      if (visits.incrementAndGet() == 3) {
                        throw mine;
                      }
                    }))
            .isSameAs(mine);
        assertThat(visits.get()).isEqualTo(3);
      }
      StackOverflowError error = new StackOverflowError("mine too");
      assertThatThrownBy(() ->
              image.diff(
                  null,
                  0,
                  SIZE,
                  true,
                  false,
                  (offset, length, exists) -> {
                    throw error;
                  }))
          .isSameAs(error);
      assertThat(image.sizeBytes()).as("the image goes on").isEqualTo(SIZE);
    }
  }

  @Test
  void aVisitorMayAskForAFinerDiff() {
    String name = ceph.image(SIZE);
    try (RbdImage image = pool.open(name)) {
      // Before its first write an object does not exist, and its diff starts at its beginning.
      image.write(4 * MIB, arena.allocate(4 * MIB).fill((byte) 9));
      image.createSnapshot("from");
      image.write(4 * MIB + 8192, arena.allocate(4096).fill((byte) 1));
      image.createSnapshot("to");
    }
    StringBuilder fine = new StringBuilder();
    try (RbdImage image = pool.openReadOnly(name, "to")) {
      image.diff(
          "from",
          0,
          SIZE,
          false,
          true,
          (offset, length, exists) ->
              image.diff(
                  "from",
                  offset,
                  length,
                  false,
                  false,
                  (o, l, e) -> fine.append(o).append('+').append(l).append(' ')));
    }
    assertThat(fine).hasToString(4 * MIB + 8192 + "+4096 ");
  }

  @Test
  void aSnapshotThatDoesNotExistIsNamed() {
    String name = ceph.image(MIB);
    try (RbdImage image = pool.openReadOnly(name, null)) {
      assertFails(
              ErrorCode.NOT_FOUND, () -> image.diff("gone", 0, MIB, false, false, (o, l, e) -> {}))
          .hasMessageContaining("from snapshot gone")
          .hasMessageContaining("rbd_diff_iterate2: ENOENT");
    }
  }
}
