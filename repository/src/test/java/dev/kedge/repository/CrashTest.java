package dev.kedge.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.KedgeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The process dies at the k-th thing it changes, for every k; a fresh one then looks and cleans.
 */
class CrashTest {
  private static final UUID ONE = Samples.point(1);
  private static final UUID TWO = Samples.point(2);

  @TempDir Path root;
  BackupTarget sound;
  private int targets;
  FakeTime time = new FakeTime();

  /** What Ceph holds. */
  Set<String> snapshots = new HashSet<>();

  /** How many moments to die at are left out after each that is tried, and one more. */
  int stride() {
    return 1;
  }

  /** In a place of its own. */
  BackupTarget newTarget() {
    return new DirectoryTarget(root.resolve("t" + targets++));
  }

  @BeforeEach
  void create() {
    sound = newTarget();
  }

  /** What the repository is kept through; faults are below. */
  BackupTarget over(BackupTarget lower) {
    return lower;
  }

  private ImageStore store(BackupTarget target, FakeProcess process) {
    return Repository.openOrCreate(over(target), process.context(time)).image(Samples.IMAGE);
  }

  /** A whole run, as an engine does it. */
  private void run(BackupTarget target, FakeProcess process, UUID point) {
    ImageStore store = store(target, process);
    Lease lease = store.acquireLease();
    clean(store, lease);
    UUID parent = store.latest().map(Manifest::id).orElse(null);
    lease.intend(point, Samples.snapshot(point));
    snapshots.add(Samples.snapshot(point));
    Samples.writeAndCommit(store, lease, point, parent);
    if (parent != null) {
      snapshots.remove(Samples.snapshot(parent));
    }
    lease.release();
  }

  private void clean(ImageStore store, Lease lease) {
    CleanUp cleanUp = store.cleanUp(lease);
    cleanUp.abandonedSnapshots().forEach(snapshots::remove);
    lease.forgetPending(cleanUp.abandonedSnapshots());
  }

  @ParameterizedTest
  @CsvSource({"false,here", "true,here", "false,there", "true,there"})
  void aBackupThatDiesAnywhereLeavesTheOldStateOrTheNewOne(boolean afterEffect, String nextHost) {
    List<Boolean> committed = new ArrayList<>();
    for (int k = 1; ; k += stride()) {
      snapshots.clear();
      BackupTarget target = newTarget();
      run(target, FakeProcess.on("here"), ONE);
      FaultyTarget faulty = new FaultyTarget(target, k, afterEffect);
      FakeProcess dying = FakeProcess.on("here");
      try {
        run(faulty, dying, TWO);
      } catch (KedgeException e) {
        assertThat(e).hasMessage("crashed");
      }
      dying.die();
      if (!nextHost.equals("here")) {
        time.pass(Duration.ofMinutes(2));
      }
      ImageStore store = store(target, FakeProcess.on(nextHost));
      List<UUID> points = intactPoints(store);
      assertThat(points).as("crash at %d", k).isIn(List.of(ONE), List.of(ONE, TWO));
      try (Lease lease = store.acquireLease()) {
        clean(store, lease);
        assertThat(lease.inherited()).isEmpty();
      }
      assertThat(intactPoints(store)).as("crash at %d", k).isEqualTo(points);
      assertThat(snapshots)
          .as("crash at %d", k)
          .contains(Samples.snapshot(points.getLast()))
          .isSubsetOf(points.stream().map(Samples::snapshot).toList());
      assertThat(payload(target)).as("crash at %d", k).isEqualTo(payloadOf(points));
      committed.add(points.contains(TWO));
      if (!faulty.crashed()) {
        break;
      }
    }
    assertThat(committed).hasSizeGreaterThan(12 / stride()).contains(true, false).isSorted();
  }

  /** Also reads each file's checksums to the end. */
  private static List<UUID> intactPoints(ImageStore store) {
    PointListing listing = store.points();
    assertThat(listing.damaged()).isEmpty();
    for (Manifest manifest : listing.points()) {
      assertThat(store.chain(manifest.id())).hasSize((int) manifest.sequence());
      try (ObjectInput data = store.openData(manifest);
          SumsReader sums = store.openSums(manifest)) {
        assertThat(data.lengthBytes()).isEqualTo(manifest.file().lengthBytes());
        assertThat(sums.next()).isTrue();
        assertThat(sums.next()).isFalse();
      }
    }
    return listing.points().stream().map(Manifest::id).toList();
  }

  private static Set<String> payload(BackupTarget target) {
    return target.list("images/" + Samples.IMAGE.imageId() + "/").stream()
        .map(StoredObject::baseName)
        .filter(name -> PointNames.ofPayload(name) != null)
        .collect(Collectors.toSet());
  }

  private static Set<String> payloadOf(List<UUID> points) {
    return points.stream()
        .flatMap(p -> Stream.of(PointNames.data(p), PointNames.sums(p)))
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCleanUpThatDiesAnywhereIsFinishedByTheNext(boolean afterEffect) {
    for (int k = 1; ; k += stride()) {
      snapshots.clear();
      BackupTarget target = newTarget();
      run(target, FakeProcess.on("here"), ONE);
      abandon(target, TWO);
      FaultyTarget faulty = new FaultyTarget(target, k, afterEffect);
      FakeProcess dying = FakeProcess.on("here");
      try {
        ImageStore store = store(faulty, dying);
        Lease lease = store.acquireLease();
        clean(store, lease);
        lease.release();
      } catch (KedgeException e) {
        assertThat(e).hasMessage("crashed");
      }
      dying.die();
      ImageStore store = store(target, FakeProcess.on("here"));
      try (Lease lease = store.acquireLease()) {
        clean(store, lease);
        assertThat(lease.inherited()).isEmpty();
      }
      assertThat(intactPoints(store)).containsExactly(ONE);
      assertThat(payload(target)).isEqualTo(payloadOf(List.of(ONE)));
      assertThat(snapshots).as("crash at %d", k).containsExactly(Samples.snapshot(ONE));
      if (!faulty.crashed()) {
        assertThat(k).isGreaterThan(6);
        return;
      }
    }
  }

  /** A run that died just before its commit. */
  private void abandon(BackupTarget target, UUID point) {
    FakeProcess dying = FakeProcess.on("here");
    ImageStore store = store(target, dying);
    Lease lease = store.acquireLease();
    lease.intend(point, Samples.snapshot(point));
    snapshots.add(Samples.snapshot(point));
    store.begin(point).close();
    dying.die();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDeletionThatDiesAnywhereLeavesAWholeRestorePointOrNone(boolean afterEffect) {
    for (int k = 1; ; k += stride()) {
      BackupTarget target = newTarget();
      FakeProcess dying = FakeProcess.on("here");
      FaultyTarget faulty = new FaultyTarget(target, k, afterEffect);
      ImageStore store = store(target, dying);
      Lease lease = store.acquireLease();
      Samples.backUp(store, lease, ONE, null);
      Samples.backUp(store, lease, TWO, null);
      lease.release();
      try {
        ImageStore again = store(faulty, dying);
        again.delete(ONE, again.acquireLease());
      } catch (KedgeException e) {
        assertThat(e).hasMessage("crashed");
      }
      dying.die();
      List<UUID> points = store.points().points().stream().map(Manifest::id).toList();
      assertThat(points).isIn(List.of(ONE, TWO), List.of(TWO));
      assertThat(payload(target)).containsAll(payloadOf(points));
      FaultyTarget aged = new FaultyTarget(target);
      aged.age(".qcow2");
      aged.age(".sums");
      ImageStore next = store(aged, FakeProcess.on("here"));
      try (Lease nextLease = next.acquireLease()) {
        // Ceph may still hold the snapshot of what is gone.
        assertThat(next.cleanUp(nextLease).abandonedSnapshots())
            .isEqualTo(points.contains(ONE) ? List.of() : List.of(Samples.snapshot(ONE)));
      }
      assertThat(payload(target)).as("crash at %d", k).isEqualTo(payloadOf(points));
      if (!faulty.crashed()) {
        assertThat(points).containsExactly(TWO);
        return;
      }
    }
  }

  @Test
  void aCommitWhoseOutcomeWasUnknownCanBeRepeated() {
    ImageStore store = store(sound, FakeProcess.on("here"));
    Lease lease = store.acquireLease();
    Manifest manifest = Samples.backUp(store, lease, ONE);
    store.commit(manifest, lease);
    assertThat(store.points().points()).containsExactly(manifest);
  }
}
