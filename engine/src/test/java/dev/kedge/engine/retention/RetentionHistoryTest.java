package dev.kedge.engine.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.testing.InMemory;
import dev.kedge.engine.testing.Place;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random chains (sizes, cluster sizes, compressions, zeroes; plain and encrypted), of which random
 * restore points go: those that stay hold what they held, whoever reads them.
 */
class RetentionHistoryTest {
  private static final long SEED = Long.getLong("kedge.seed", 20261125);
  private static final int HISTORIES = 16 * Integer.getInteger("kedge.thoroughness", 1);
  private static final int STEPS = 14;
  private static final int MAX_BYTES = 3 << 20;

  @TempDir(factory = InMemory.class)
  Path folder;

  static IntStream histories() {
    return IntStream.range(0, HISTORIES);
  }

  @ParameterizedTest
  @MethodSource("histories")
  void whatIsKeptStaysWhatItWas(int history) throws IOException {
    Random random = new Random(SEED + history);
    boolean encrypted = history % 4 == 3;
    boolean inPlace = history % 4 < 2;
    Place place = Place.create(folder, encrypted);
    StoredChain chain = new StoredChain(Repository.open(place.target()));
    assertThat(chain.store().changesInPlace()).isEqualTo(!encrypted);
    int size = 1 + random.nextInt(MAX_BYTES);
    int merges = 0;
    for (int step = 0; step < STEPS; step++) {
      int layers = 1 + random.nextInt(4);
      for (int i = 0; i < layers; i++) {
        size = newSize(size, random);
        chain.add(
            size,
            new ClusterSize(12 + random.nextInt(random.nextInt(4) == 0 ? 9 : 5)),
            List.of(Compression.NONE, Compression.ZSTD, Compression.ZLIB).get(random.nextInt(3)),
            random.nextInt(25),
            random);
      }
      List<UUID> points = points(chain);
      Set<UUID> expired = new HashSet<>();
      points.stream().filter(point -> random.nextInt(5) < 3).forEach(expired::add);
      if (expired.size() == points.size()) {
        expired.remove(points.get(random.nextInt(points.size())));
      }
      try (Lease lease = chain.store().acquireLease()) {
        ExpiryResult result =
            (encrypted
                    ? new Expiry(chain.store(), Progress.NONE, new CancelToken())
                    : new Expiry(chain.store(), inPlace, Progress.NONE, new CancelToken()))
                .apply(expired, lease);
        merges += result.merges().size();
        assertThat(result.merges()).allMatch(merge -> merge.inPlace() == inPlace);
        assertThat(result.waiting().isEmpty() || !inPlace).as(when(history, step)).isTrue();
      }
      List<UUID> kept = new ArrayList<>(points);
      kept.removeAll(expired);
      String when = when(history, step);
      Kept.assertReads(place, chain, kept, when);
      Kept.assertQemuReads(place, chain, kept, when);
      Kept.assertTidy(place, kept);
    }
    assertThat(merges).isPositive();
  }

  private static String when(int history, int step) {
    return "history %d of seed %d, step %d".formatted(history, SEED, step);
  }

  private static int newSize(int size, Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextInt(MAX_BYTES);
      case 1 -> Math.min(MAX_BYTES, size + random.nextInt(1 << 16));
      // Whole clusters for some layers, and no whole ones for others.
      case 2 -> Math.max(size / 2, Math.min(size, 4096)) & -4096;
      default -> size;
    };
  }

  private static List<UUID> points(StoredChain chain) {
    return chain.store().points().points().stream().map(Manifest::id).toList();
  }
}
