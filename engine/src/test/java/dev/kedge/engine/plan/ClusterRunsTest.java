package dev.kedge.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterRunsTest {
  private static final int CLUSTER = 16;

  private enum Cluster {
    UNTOUCHED,
    READ,
    ZERO
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void theRunsAreWhatALookAtEachClusterFinds(long seed) throws InterruptedException {
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      int size = 1 + random.nextInt(600);
      ExtentList extents = new ExtentList();
      int at = 0;
      while (at < size) {
        at += random.nextInt(40);
        int length = Math.min(size - at, 1 + random.nextInt(random.nextBoolean() ? 8 : 90));
        extents.add(at, length, random.nextBoolean());
        at += Math.max(0, length);
      }
      extents.normalise();
      assertThat(runs(extents, size))
          .as("seed %d, round %d", seed, round)
          .containsExactly(looks(extents, size));
    }
  }

  private static Cluster[] runs(ExtentList extents, int size) throws InterruptedException {
    Cluster[] clusters = untouched(size);
    long[] end = {0};
    ClusterRuns.forEach(
        extents,
        CLUSTER,
        size,
        (first, count, zero) -> {
          assertThat(first).isGreaterThanOrEqualTo(end[0]);
          assertThat(count).isPositive();
          end[0] = first + count;
          Arrays.fill(clusters, (int) first, (int) end[0], zero ? Cluster.ZERO : Cluster.READ);
        });
    return clusters;
  }

  private static Cluster[] looks(ExtentList extents, int size) {
    Cluster[] clusters = untouched(size);
    for (int i = 0; i < clusters.length; i++) {
      long start = (long) i * CLUSTER;
      long end = Math.min(size, start + CLUSTER);
      if (extents.touches(start, end - start)) {
        clusters[i] = coveredByOneZero(extents, start, end) ? Cluster.ZERO : Cluster.READ;
      }
    }
    return clusters;
  }

  private static boolean coveredByOneZero(ExtentList extents, long start, long end) {
    for (int i = 0; i < extents.size(); i++) {
      if (extents.isZero(i) && extents.offset(i) <= start && extents.end(i) >= end) {
        return true;
      }
    }
    return false;
  }

  private static Cluster[] untouched(int size) {
    Cluster[] clusters = new Cluster[(size + CLUSTER - 1) / CLUSTER];
    Arrays.fill(clusters, Cluster.UNTOUCHED);
    return clusters;
  }
}
