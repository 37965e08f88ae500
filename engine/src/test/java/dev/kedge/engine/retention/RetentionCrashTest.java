package dev.kedge.engine.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.testing.CrashingTarget;
import dev.kedge.engine.testing.InMemory;
import dev.kedge.engine.testing.Place;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.MortalProcess;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The process dies at the k-th thing it changes, for every k; others then read, and go on. */
class RetentionCrashTest {
  private static final int MANY = 10_000;

  /** A process for each restore point is slow. */
  private static final int EACH_BY_QEMU = 5;

  enum Way {
    IN_PLACE,
    NEW_FILES,
    ENCRYPTED
  }

  @TempDir(factory = InMemory.class)
  Path root;

  private Place start;
  private StoredChain chain;
  private List<UUID> kept = new ArrayList<>();
  private Set<UUID> expired = Set.of();

  /** A full, shrunk and grown again, clusters of several sizes; 0, 2, 3, 4 and 6 go. */
  @BeforeEach
  void buildPlain() throws IOException {
    build(false);
  }

  private void build(boolean encrypted) throws IOException {
    Random random = new Random(7);
    start = Place.create(root.resolve("start-" + encrypted), encrypted);
    chain = new StoredChain(Repository.open(start.target()));
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
  @CsvSource({
    "IN_PLACE,false",
    "IN_PLACE,true",
    "NEW_FILES,false",
    "NEW_FILES,true",
    "ENCRYPTED,false",
    "ENCRYPTED,true"
  })
  void whatIsKeptIsReadableWhereverItDies(Way way, boolean afterEffect) throws IOException {
    if (way == Way.ENCRYPTED) {
      build(true);
    }
    boolean inPlace = way == Way.IN_PLACE;
    int k = 1;
    int merges = 0;
    for (boolean crashed = true; crashed; k++) {
      Place place = start.copyTo(root.resolve("k" + k));
      CrashingTarget target = new CrashingTarget(k, afterEffect);
      merges = prune(place, target, inPlace);
      crashed = target.crashed();
      String when = "died at change %d of %s".formatted(k, target.changes());
      boolean byQemu = k % EACH_BY_QEMU == 0;
      assertKept(place, byQemu, when);
      prune(place, new CrashingTarget(MANY, false), inPlace);
      assertKept(place, byQemu, "finished after it " + when);
      Kept.assertTidyAfterCrash(place, kept);
    }
    // The last round died nowhere.
    assertThat(merges).isPositive();
    assertThat(k).isGreaterThan(40);
  }

  @Test
  void theCleanUpOfAKilledMergeCanBeKilledToo() throws IOException {
    for (int k = 20; k < 140; k += 6) {
      Place place = start.copyTo(root.resolve("twice" + k));
      prune(place, new CrashingTarget(k, true), true);
      for (int again = 3; again < 12; again += 2) {
        prune(place, new CrashingTarget(again, again % 4 == 1), true);
        Kept.assertReads(place, chain, kept, "died at change " + k + ", then at " + again);
      }
      prune(place, new CrashingTarget(MANY, false), true);
      Kept.assertTidyAfterCrash(place, kept);
    }
  }

  /** A reader that comes at each step, and one that has had the files open since before. */
  @ParameterizedTest
  @EnumSource
  void readersComeAndGoMeanwhile(Way way) throws IOException {
    if (way == Way.ENCRYPTED) {
      build(true);
    }
    boolean inPlace = way == Way.IN_PLACE;
    Place place = start.copyTo(root.resolve("meanwhile"));
    CrashingTarget target = new CrashingTarget(MANY, false);
    ImageStore store = new MortalProcess().open(view(place, target)).images().getFirst();
    target.beforeEach(change -> {
      try {
        assertKept(
            place,
            target.changes().size() % EACH_BY_QEMU == 0,
            "before " + change + " after " + target.changes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    try (Lease lease = store.acquireLease()) {
      new Expiry(store, inPlace, Progress.NONE, new CancelToken()).apply(expired, lease);
    }
    Kept.assertTidy(place, kept);
  }

  private static BackupTarget view(Place place, CrashingTarget target) {
    return place.over(target.over(new DirectoryTarget(place.folder())));
  }

  private void assertKept(Place place, boolean byQemu, String when) throws IOException {
    Kept.assertReads(place, chain, kept, when);
    if (byQemu) {
      Kept.assertQemuReads(place, chain, kept, when);
    }
  }

  private int prune(Place place, CrashingTarget target, boolean inPlace) {
    int merges = 0;
    MortalProcess process = new MortalProcess();
    try {
      ImageStore store = process.open(view(place, target)).images().getFirst();
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
}
