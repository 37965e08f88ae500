package dev.kedge.engine.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.testing.CrashingTarget;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.MortalProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The process dies at the k-th thing it changes, for every k; others then read, and go on. */
class RetentionCrashTest {
  private static final int MANY = 10_000;

  @TempDir Path root;
  private StoredChain chain;
  private List<UUID> kept = new ArrayList<>();
  private Set<UUID> expired = Set.of();

  /** A full, shrunk and grown again, clusters of several sizes; 0, 2, 3, 4 and 6 go. */
  @BeforeEach
  void build() throws IOException {
    Random random = new Random(7);
    chain = new StoredChain(root.resolve("start"));
    int[] sizes = {700_001, 700_001, 500_000, 900_000, 900_000, 900_000, 900_000};
    int[] bits = {16, 12, 14, 12, 16, 13, 12};
    for (int i = 0; i < sizes.length; i++) {
      Compression compression = i % 2 == 0 ? Compression.NONE : Compression.ZSTD;
      chain.add(sizes[i], new ClusterSize(bits[i]), compression, 60, random);
    }
    List<UUID> points = chain.store().points().points().stream().map(Manifest::id).toList();
    kept = List.of(points.get(1), points.get(5));
    expired = Set.of(points.get(0), points.get(2), points.get(3), points.get(4), points.get(6));
  }

  @ParameterizedTest
  @CsvSource({"true,false", "true,true", "false,false", "false,true"})
  void whatIsKeptIsReadableWhereverItDies(boolean inPlace, boolean afterEffect) throws IOException {
    int k = 1;
    int merges = 0;
    for (boolean crashed = true; crashed; k++) {
      Path folder = copy("k" + k);
      CrashingTarget target = new CrashingTarget(k, afterEffect);
      merges = prune(folder, target, inPlace);
      crashed = target.crashed();
      String when = "died at change %d of %s".formatted(k, target.changes());
      Kept.assertReads(folder, chain, kept, when);

      prune(folder, new CrashingTarget(MANY, false), inPlace);
      Kept.assertReads(folder, chain, kept, "finished after it " + when);
      Kept.assertTidyAfterCrash(folder, kept);
    }
    // The last round died nowhere.
    assertThat(merges).isPositive();
    assertThat(k).isGreaterThan(40);
  }

  @Test
  void theCleanUpOfAKilledMergeCanBeKilledToo() throws IOException {
    for (int k = 20; k < 140; k += 6) {
      Path folder = copy("twice" + k);
      prune(folder, new CrashingTarget(k, true), true);
      for (int again = 3; again < 12; again += 2) {
        prune(folder, new CrashingTarget(again, again % 4 == 1), true);
        Kept.assertReads(folder, chain, kept, "died at change " + k + ", then at " + again);
      }
      prune(folder, new CrashingTarget(MANY, false), true);
      Kept.assertTidyAfterCrash(folder, kept);
    }
  }

  /** A reader that comes at each step, and one that has had the files open since before. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void readersComeAndGoMeanwhile(boolean inPlace) throws IOException {
    Path folder = copy("meanwhile");
    CrashingTarget target = new CrashingTarget(MANY, false);
    ImageStore store =
        new MortalProcess().open(target.over(new DirectoryTarget(folder))).images().getFirst();
    target.beforeEach(change -> {
      try {
        Kept.assertReads(folder, chain, kept, "before " + change + " after " + target.changes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    try (Lease lease = store.acquireLease()) {
      new Expiry(store, inPlace, Progress.NONE, new CancelToken()).apply(expired, lease);
    }
    Kept.assertTidy(folder, kept);
  }

  private int prune(Path folder, CrashingTarget target, boolean inPlace) {
    int merges = 0;
    MortalProcess process = new MortalProcess();
    try {
      ImageStore store = process.open(target.over(new DirectoryTarget(folder))).images().getFirst();
      Lease lease = store.acquireLease();
      merges =
          new Expiry(store, inPlace, Progress.NONE, new CancelToken())
              .apply(stillThere(store), lease)
              .merges()
              .size();
      lease.release();
    } catch (KedgeException e) {
      assertThat(e).hasMessageContaining("crashed");
    } finally {
      process.die();
    }
    return merges;
  }

  private Set<UUID> stillThere(ImageStore store) {
    List<UUID> points =
        new ArrayList<>(store.points().points().stream().map(Manifest::id).toList());
    points.removeAll(kept);
    assertThat(expired).containsAll(points);
    return Set.copyOf(points);
  }

  private Path copy(String name) throws IOException {
    Path from = root.resolve("start");
    Path to = root.resolve(name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }
}
