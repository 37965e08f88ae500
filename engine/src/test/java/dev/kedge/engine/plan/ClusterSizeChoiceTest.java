package dev.kedge.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterSizeChoiceTest {
  private static final long GIB = 1L << 30;
  private static final long OBJECT = 4L << 20;
  // Every extent ends where an object does: none can start in a hole of a new object.
  private static final long NO_HOLES = 1;

  @Test
  void scatteredSmallChangesGetSmallClusters() {
    ExtentList changes = new ExtentList();
    for (int i = 0; i < 400; i++) {
      changes.add(i * (GIB / 500), 4096, false);
    }
    assertThat(ClusterSizeChoice.forChanges(changes, GIB, OBJECT).bits()).isEqualTo(12);
  }

  @Test
  void scatteredSmallWritesIntoNewObjectsGetSmallClustersThoughCephReportsTheHolesBeforeThem() {
    Random random = new Random(1);
    ExtentList changes = new ExtentList();
    for (long object = 0; object < GIB; object += OBJECT) {
      changes.add(object, (1 + random.nextInt(1023)) * 4096L, false);
    }
    assertThat(ClusterSizeChoice.forChanges(changes, GIB, OBJECT).bits()).isEqualTo(12);
  }

  @Test
  void aLongWriteThatEndsInsideAnObjectGetsTheUsualClusters() {
    ExtentList changes = new ExtentList();
    changes.add(GIB / 4, GIB / 2 + 12345, false);
    assertThat(ClusterSizeChoice.forChanges(changes, GIB, OBJECT).bits()).isEqualTo(16);
  }

  @Test
  void oneLargeChangeGetsTheUsualClusters() {
    ExtentList changes = new ExtentList();
    changes.add(GIB / 4, GIB / 2, false);
    assertThat(ClusterSizeChoice.forChanges(changes, GIB, OBJECT).bits()).isEqualTo(16);
    assertThat(ClusterSizeChoice.forImage(GIB).bits()).isEqualTo(16);
  }

  @Test
  void theTableOfTheLargestImagesStaysSmall() {
    ExtentList changes = new ExtentList();
    changes.add(0, 4096, false);
    for (long image = GIB; image > 0 && image <= GIB << 20; image *= 4) {
      for (int bits :
          new int[] {
            ClusterSizeChoice.forImage(image).bits(),
            ClusterSizeChoice.forChanges(changes, image, OBJECT).bits()
          }) {
        assertThat((image >> (2 * bits - 3)) * 8).isLessThanOrEqualTo(4 << 20);
      }
    }
  }

  @Test
  void anEmptyImageHasASize() {
    assertThat(ClusterSizeChoice.forChanges(new ExtentList(), 0, OBJECT).bits()).isBetween(12, 16);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theEstimateCountsEachClusterAndTableOnce(long seed) {
    Random random = new Random(seed);
    long image = 64L << 20;
    for (int round = 0; round < 50; round++) {
      ExtentList changes = new ExtentList();
      for (int i = random.nextInt(30); i > 0; i--) {
        long offset = random.nextLong(image - 300_000);
        changes.add(offset, 1 + random.nextInt(300_000), random.nextInt(4) == 0);
      }
      changes.normalise();
      int bits = 12 + random.nextInt(5);
      assertThat(ClusterSizeChoice.fileBytes(changes, image, NO_HOLES, bits))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(counted(changes, image, bits));
    }
  }

  private static long counted(ExtentList changes, long image, int bits) {
    Set<Long> clusters = new HashSet<>();
    Set<Long> tables = new HashSet<>();
    changes.forEach((offset, length, zero) -> {
      for (long cluster = offset >> bits; cluster <= (offset + length - 1) >> bits; cluster++) {
        tables.add(cluster >> (bits - 3));
        if (!zero) {
          clusters.add(cluster);
        }
      }
    });
    long l1 = ((image >> (2 * bits - 3)) + 1) * 8;
    return ((clusters.size() + tables.size() + 1L) << bits) + l1;
  }
}
