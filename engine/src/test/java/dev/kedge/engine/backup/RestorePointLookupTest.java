package dev.kedge.engine.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.Checksummer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a re-based backup compares with, asked in clusters of every size. */
class RestorePointLookupTest {
  private static final int MIB = 1 << 20;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyClusterIsKnownByItsContent(long seed) throws Exception {
    Random random = new Random(seed);
    StoredChain stored = new StoredChain(folder.resolve("target"));
    for (int layer = 0; layer < 5; layer++) {
      int size = MIB + random.nextInt(6 * MIB);
      ClusterSize clusters = new ClusterSize(random.nextBoolean() ? 16 : 12 + random.nextInt(10));
      stored.add(size, clusters, Compression.NONE, 1 + random.nextInt(12), random);
      for (int bits : new int[] {12, 16, 19, 21}) {
        check(stored, 1 << bits, random, "seed %d, layer %d, bits %d".formatted(seed, layer, bits));
      }
    }
  }

  private static void check(StoredChain stored, int clusterBytes, Random random, String when)
      throws Exception {
    byte[] content = stored.content();
    // The image may have grown since: behind the restore point's end everything reads as zeroes.
    int count =
        (content.length + clusterBytes - 1) / clusterBytes + random.nextInt(8 * MIB / clusterBytes);
    byte[] padded = Arrays.copyOf(content, Math.max(content.length, count * clusterBytes));
    BitSet data = new BitSet();
    for (int i = 0; i < count; i++) {
      data.set(i, !StoredChain.isZero(padded, i * clusterBytes, clusterBytes));
    }
    try (RestorePointLookup lookup = open(stored, clusterBytes)) {
      BitSet found = new BitSet();
      lookup.forEachDataRun(0, count, (first, n) -> found.set((int) first, (int) (first + n)));
      assertThat(found).as(when).isEqualTo(data);
    }
    try (RestorePointLookup lookup = open(stored, clusterBytes)) {
      BitSet found = new BitSet();
      BitSet wanted = new BitSet();
      int at = 0;
      while (at < count) {
        int run = Math.min(count - at, 1 + random.nextInt(700));
        if (random.nextBoolean()) {
          lookup.forEachDataRun(at, run, (first, n) -> found.set((int) first, (int) (first + n)));
          for (int i = at; i < at + run; i++) {
            wanted.set(i, data.get(i));
          }
        } else {
          for (int i = at; i < at + run; i++) {
            byte[] cluster = Arrays.copyOfRange(padded, i * clusterBytes, (i + 1) * clusterBytes);
            @Nullable Checksum expected = data.get(i) ? Checksummer.of(cluster) : null;
            assertThat(lookup.checksumOf(i)).as("%s, cluster %d", when, i).isEqualTo(expected);
          }
        }
        at += run;
      }
      assertThat(found).as(when).isEqualTo(wanted);
    }
  }

  private static RestorePointLookup open(StoredChain stored, int clusterBytes) throws IOException {
    return new RestorePointLookup(
        RestorePointReader.open(stored.store(), stored.newest().id()), clusterBytes);
  }
}
