package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest {
  private static final UUID ONE = Samples.point(1);
  private static final UUID TWO = Samples.point(2);

  @TempDir Path root;
  BackupTarget sound;
  FaultyTarget target;
  FakeTime time = new FakeTime();
  FakeProcess here = FakeProcess.on("here");
  FakeProcess there = FakeProcess.on("there");

  @BeforeEach
  void create() {
    sound = newTarget();
    target = new FaultyTarget(sound);
  }

  BackupTarget newTarget() {
    return new DirectoryTarget(root);
  }

  /** What leases are kept through. */
  BackupTarget over(BackupTarget lower) {
    return lower;
  }

  private ImageStore store(FakeProcess process, LeaseTime clock) {
    return Repository.openOrCreate(over(target), process.context(clock)).image(Samples.IMAGE);
  }

  private ImageStore store(FakeProcess process) {
    return store(process, time);
  }

  @Test
  void aSecondWriterIsTurnedAwayAndToldWhoIsThere() {
    Lease lease = store(here).acquireLease();
    assertThat(assertFails(ErrorCode.BUSY, () -> store(there).acquireLease()))
        .hasMessageContaining("rbd:volumes/volume-1")
        .hasMessageContaining("on here")
        .hasMessageContaining("2026-11-23T00:00:00Z")
        .hasMessageContaining("2026-11-23T00:01:00Z");
    assertFails(ErrorCode.BUSY, () -> store(here).acquireLease());
    assertThat(time.slept()).isZero();
    lease.assertHeld();
  }

  @Test
  void aReleasedLeaseIsTakenAtOnceAndTheTokenGrows() {
    for (long token = 1; token < 15; token++) {
      try (Lease lease = store(token % 2 == 0 ? here : there).acquireLease()) {
        assertThat(lease.token()).isEqualTo(token);
      }
    }
    assertThat(time.slept()).isZero();
  }

  @Test
  void aReleasedLeaseCommitsNothing() {
    ImageStore store = store(here);
    Lease lease = store.acquireLease();
    lease.release();
    lease.release();
    assertFails(ErrorCode.BUSY, () -> Samples.backUp(store, lease, ONE));
    assertThat(store.points().points()).isEmpty();
  }

  @Test
  void theLeaseOfADeadProcessOnThisHostIsTakenAtOnceWithoutATombstone() {
    Lease dead = store(here).acquireLease();
    dead.intend(ONE, Samples.snapshot(ONE));
    here.die();
    ImageStore store = store(FakeProcess.on("here"));
    Lease lease = store.acquireLease();
    assertThat(lease.token()).isEqualTo(2);
    assertThat(time.slept()).isZero();
    assertThat(store.manifestIds()).isEmpty();
    assertThat(lease.inherited()).containsExactly(new PendingPoint(ONE, Samples.snapshot(ONE)));
  }

  @Test
  void aDeadProcessOnAnotherHostHoldsItsLeaseUntilItExpires() {
    Lease unused = store(here).acquireLease();
    assertThat(unused.token()).isEqualTo(1);
    here.die();
    assertFails(ErrorCode.BUSY, () -> store(there).acquireLease());
    time.pass(Duration.ofSeconds(61));
    assertThat(store(there).acquireLease().token()).isEqualTo(2);
    assertThat(time.slept()).isGreaterThan(LeaseTimes.DEFAULT.renewEvery());
  }

  @Test
  void anExpiredLeaseThatIsRenewedWhileWatchedIsNotTaken() {
    FakeTime slowClock = new FakeTime();
    Lease lease = store(here, slowClock).acquireLease();
    time.jump(Duration.ofHours(5));
    time.whileSleeping(() -> {
      slowClock.pass(Duration.ofSeconds(15));
      lease.renew();
    });
    assertFails(ErrorCode.BUSY, () -> store(there).acquireLease());
    lease.renew();
    assertThat(lease.token()).isEqualTo(1);
  }

  @Test
  void anOwnerThatCouldNotRenewInTimeCommitsNothing() {
    ImageStore store = store(here);
    Lease lease = store.acquireLease();
    target.setUnreachable(true);
    time.pass(Duration.ofSeconds(50));
    assertFails(ErrorCode.TARGET_UNREACHABLE, lease::renew);
    lease.assertHeld();
    time.pass(Duration.ofSeconds(11));
    target.setUnreachable(false);
    assertFails(ErrorCode.BUSY, () -> Samples.backUp(store, lease, ONE));
    assertFails(ErrorCode.BUSY, lease::renew);
  }

  @Test
  void aRenewedLeaseHoldsOn() {
    Lease lease = store(here).acquireLease();
    for (int i = 0; i < 20; i++) {
      time.pass(Duration.ofSeconds(50));
      lease.renew();
    }
    assertFails(ErrorCode.BUSY, () -> store(there).acquireLease());
  }

  /** The old owner slept: its own clock stood still, and it has not noticed anything. */
  @Test
  void aStaleWriterThatLooksBeforeItCommitsSeesTheNewOne() {
    FakeTime asleep = new FakeTime();
    ImageStore stale = store(here, asleep);
    Lease old = stale.acquireLease();
    time.jump(Duration.ofHours(1));
    Lease fresh = store(there).acquireLease();
    old.assertHeld();
    assertThat(assertFails(ErrorCode.BUSY, () -> Samples.backUp(stale, old, ONE)))
        .hasMessageContaining("lost its lease")
        .hasMessageContaining("on there");
    fresh.renew();
  }

  @Test
  void aStaleWriterThatLookedBeforeTheTakeoverIsStoppedByTheTombstone() {
    FakeTime asleep = new FakeTime();
    ImageStore stale = store(here, asleep);
    Lease old = stale.acquireLease();
    old.intend(ONE, Samples.snapshot(ONE));
    Manifest manifest = uncommitted(stale, old, ONE);
    List<Lease> fresh = new ArrayList<>();
    target.beforeNextPut(() -> {
      time.jump(Duration.ofHours(1));
      fresh.add(store(there).acquireLease());
    });
    assertThat(assertFails(ErrorCode.BUSY, () -> stale.commit(manifest, old)))
        .hasMessageContaining("on there");
    assertThat(fresh).hasSize(1);
    assertThat(stale.points()).isEqualTo(new PointListing(List.of(), List.of()));
    CleanUp cleanUp = store(there).cleanUp(fresh.getFirst());
    assertThat(cleanUp.abandonedSnapshots()).containsExactly(Samples.snapshot(ONE));
  }

  @Test
  void aStaleWriterThatWasFasterThanTheTombstoneHasCommitted() {
    FakeTime asleep = new FakeTime();
    ImageStore stale = store(here, asleep);
    Lease old = stale.acquireLease();
    old.intend(ONE, Samples.snapshot(ONE));
    Manifest manifest = uncommitted(stale, old, ONE);
    time.jump(Duration.ofHours(1));
    time.whileSleeping(() -> stale.commit(manifest, old));
    ImageStore store = store(there);
    Lease fresh = store.acquireLease();
    assertThat(store.points().points()).containsExactly(manifest);
    assertThat(fresh.inherited()).isEmpty();
    CleanUp cleanUp = store.cleanUp(fresh);
    assertThat(cleanUp.abandonedSnapshots()).isEmpty();
    assertThat(cleanUp.removed()).isEmpty();
    store.openData(manifest).close();
  }

  @Test
  void anIntentAfterTheTakeoverIsRefusedBeforeAnythingIsMade() {
    FakeTime asleep = new FakeTime();
    Lease old = store(here, asleep).acquireLease();
    time.jump(Duration.ofHours(1));
    Lease fresh = store(there).acquireLease();
    assertFails(ErrorCode.BUSY, () -> old.intend(ONE, Samples.snapshot(ONE)));
    assertThat(fresh.inherited()).isEmpty();
  }

  @Test
  void intentsPassFromOwnerToOwnerUntilTheyAreForgotten() {
    Lease first = store(here).acquireLease();
    first.intend(ONE, Samples.snapshot(ONE));
    first.release();
    Lease second = store(there).acquireLease();
    second.intend(TWO, Samples.snapshot(TWO));
    there.die();
    ImageStore store = store(FakeProcess.on("there"));
    Lease third = store.acquireLease();
    assertThat(third.inherited()).extracting(PendingPoint::point).containsExactly(ONE, TWO);
    CleanUp cleanUp = store.cleanUp(third);
    assertThat(cleanUp.abandonedSnapshots())
        .containsExactly(Samples.snapshot(ONE), Samples.snapshot(TWO));
    third.forgetPending(List.of(Samples.snapshot(ONE)));
    third.release();
    Lease fourth = store(here).acquireLease();
    assertThat(fourth.inherited()).extracting(PendingPoint::point).containsExactly(TWO);
    fourth.forgetPending(cleanUp.abandonedSnapshots());
    fourth.release();
    assertThat(store(here).acquireLease().inherited()).isEmpty();
  }

  @Test
  void aTokenThatWasCleanedUpIsNotWonAgain() {
    ImageStore slow = store(here);
    slow.acquireLease().release();
    List<Lease> others = new ArrayList<>();
    target.beforeNextPut(() -> {
      store(there).acquireLease().release();
      others.add(store(there).acquireLease());
    });
    assertFails(ErrorCode.BUSY, slow::acquireLease);
    assertThat(others.getFirst().token()).isEqualTo(3);
    others.getFirst().renew();
    assertThat(sound.list("images/" + Samples.IMAGE.imageId() + "/lease.")).hasSize(1);
  }

  @Test
  void aStaleWriterIsStoppedEvenWhenItsTombstoneIsLongGone() {
    FakeTime asleep = new FakeTime();
    ImageStore stale = store(here, asleep);
    Lease old = stale.acquireLease();
    old.intend(ONE, Samples.snapshot(ONE));
    time.jump(Duration.ofDays(30));
    ImageStore store = store(there);
    Lease fresh = store.acquireLease();
    assertThat(store.manifestIds()).containsExactly(ONE);
    fresh.forgetPending(store.cleanUp(fresh).abandonedSnapshots());
    target.age(ONE.toString());
    assertThat(store.cleanUp(fresh).removed()).hasSize(1);
    assertThat(store.manifestIds()).isEmpty();
    Manifest manifest = uncommitted(stale, old, ONE);
    assertFails(ErrorCode.BUSY, () -> stale.commit(manifest, old));
    assertThat(store.manifestIds()).isEmpty();
  }

  @Test
  void aPendingRestorePointWhoseManifestTurnsUpIsKept() {
    ImageStore dying = store(here);
    Lease lease = dying.acquireLease();
    lease.intend(ONE, Samples.snapshot(ONE));
    Manifest manifest = uncommitted(dying, lease, ONE);
    here.die();
    ImageStore store = store(FakeProcess.on("here"));
    Lease next = store.acquireLease();
    String folder = "images/" + Samples.IMAGE.imageId() + "/";
    sound.putIfAbsent(folder + PointNames.manifest(ONE), manifest.toBytes());
    assertThat(store.cleanUp(next)).isEqualTo(new CleanUp(List.of(), List.of()));
    store.openData(manifest).close();
  }

  @Test
  void aDamagedLeaseStopsTheImageWithTheWayOut() {
    store(here).acquireLease().release();
    String name = "images/" + Samples.IMAGE.imageId() + "/lease.0000000000000000001.json";
    byte[] bytes = sound.readAll(name, 10_000);
    bytes[30] ^= 1;
    sound.replace(name, bytes);
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> store(here).acquireLease()))
        .hasMessageContaining(name)
        .hasMessageContaining("delete");
    sound.delete(name);
    store(here).acquireLease();
  }

  @Test
  void ofManyThreadsOneGetsTheLease() throws Exception {
    store(here);
    try (ExecutorService threads = Executors.newFixedThreadPool(12)) {
      for (int round = 0; round < 20; round++) {
        List<Callable<Lease>> contenders = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          FakeProcess process = FakeProcess.on("host" + i);
          contenders.add(() -> store(process).acquireLease());
        }
        List<Lease> winners = new ArrayList<>();
        for (Future<Lease> result : threads.invokeAll(contenders)) {
          try {
            winners.add(result.get());
          } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(KedgeException.class);
            assertThat(((KedgeException) e.getCause()).code()).isEqualTo(ErrorCode.BUSY);
          }
        }
        assertThat(winners).as("round %d", round).hasSize(1);
        winners.getFirst().renew();
        winners.getFirst().release();
      }
    }
  }

  private static Manifest uncommitted(ImageStore store, Lease lease, UUID point) {
    try (PointOutputs outputs = store.begin(point)) {
      outputs
          .data()
          .append(java.nio.ByteBuffer.allocate(8), dev.kedge.qcow2.AppendOutput.Part.TABLES);
      outputs
          .sums()
          .append(java.nio.ByteBuffer.allocate(56), dev.kedge.qcow2.AppendOutput.Part.TABLES);
      outputs.data().flush();
      outputs.sums().flush();
    }
    return Samples.manifest(point, store.points().nextSequence(), null, lease.token());
  }
}
