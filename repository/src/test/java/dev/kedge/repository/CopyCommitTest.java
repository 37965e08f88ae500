package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restore points that come from another repository, and so have their ids and places already. */
class CopyCommitTest {
  private static final UUID ONE = Samples.point(1);
  private static final UUID TWO = Samples.point(2);
  private static final UUID HOME = Samples.point(9);

  @TempDir Path root;
  FaultyTarget target;
  FakeTime time = new FakeTime();
  FakeProcess here = FakeProcess.on("here");
  FakeProcess there = FakeProcess.on("there");

  @BeforeEach
  void create() {
    target = new FaultyTarget(new DirectoryTarget(root));
  }

  private ImageStore store(FakeProcess process, LeaseTime clock) {
    return Repository.openOrCreate(target, process.context(clock)).image(Samples.IMAGE);
  }

  private static Manifest written(ImageStore store, Lease lease, UUID point, long sequence) {
    try (PointOutputs outputs = store.begin(point)) {
      Manifest sample = Samples.manifest(point, sequence, null, lease.token());
      outputs.data().reserveHeader(8);
      outputs.data().writeHeader(ByteBuffer.allocate(8));
      outputs.data().flush();
      SumsWriter sums = new SumsWriter(outputs.sums(), 65_536, 1L << 30);
      SumsWriter.Summary summary = sums.finish();
      outputs.sums().flush();
      return sample.copied(
          HOME,
          null,
          new Manifest.DataFile(PointNames.data(point), 8, 65_536, "none", new Checksum(0, 0)),
          new Manifest.SumsFile(
              PointNames.sums(point), summary.lengthBytes(), summary.digest(), Checksum.ALGORITHM),
          sample.counts(),
          lease.token());
    }
  }

  @Test
  void anOlderPointComesBeforeThoseThatAreThere() {
    ImageStore store = store(here, time);
    try (Lease lease = store.acquireLease()) {
      lease.intendCopy(TWO);
      store.commitCopy(written(store, lease, TWO, 8), lease);
      lease.intendCopy(ONE);
      store.commitCopy(written(store, lease, ONE, 3), lease);
    }
    PointListing listing = store.points();
    assertThat(listing.points()).extracting(Manifest::id).containsExactly(ONE, TWO);
    assertThat(listing.nextSequence()).isEqualTo(9);
    assertThat(store.point(ONE).snapshot().repository()).isEqualTo(HOME);
  }

  @Test
  void anOrdinaryBackupStillTakesTheNextPlace() {
    ImageStore store = store(here, time);
    try (Lease lease = store.acquireLease()) {
      Samples.backUp(store, lease, TWO);
      lease.intend(ONE, Samples.snapshot(ONE));
      Manifest late = written(store, lease, ONE, 1);
      assertThat(assertFails(ErrorCode.REFUSED, () -> store.commit(late, lease)))
          .hasMessageContaining("sequence 1 is taken");
    }
  }

  @Test
  void aCopyThatWasGivenUpForDeadCanBeMadeByAnother() {
    FakeTime asleep = new FakeTime();
    ImageStore stale = store(here, asleep);
    Lease old = stale.acquireLease();
    old.intendCopy(ONE);
    Manifest late = written(stale, old, ONE, 5);
    time.jump(Duration.ofHours(1));
    ImageStore store = store(there, time);
    Lease fresh = store.acquireLease();
    // The tombstone is there, and the files go.
    CleanUp cleanUp = store.cleanUp(fresh);
    assertThat(cleanUp.abandonedSnapshots()).isEmpty();
    assertThat(cleanUp.removed()).hasSize(2);
    assertThat(fresh.inherited()).isEmpty();
    fresh.intendCopy(ONE);
    Manifest mine = written(store, fresh, ONE, 5);
    // Before and after: the one that slept has nothing to say any more.
    assertFails(ErrorCode.BUSY, () -> stale.commitCopy(late, old));
    store.commitCopy(mine, fresh);
    assertFails(ErrorCode.BUSY, () -> stale.commitCopy(late, old));
    assertThat(store.points()).isEqualTo(new PointListing(List.of(mine), List.of()));
    store.commitCopy(mine, fresh);
  }

  @Test
  void aKilledCopyIsNoSnapshotToRemove() {
    ImageStore dying = store(here, time);
    Lease dead = dying.acquireLease();
    dead.intendCopy(ONE);
    var _ = written(dying, dead, ONE, 1);
    here.die();
    ImageStore store = store(FakeProcess.on("here"), time);
    Lease lease = store.acquireLease();
    assertThat(store.cleanUp(lease).abandonedSnapshots()).isEmpty();
    assertThat(lease.inherited()).isEmpty();
    assertThat(store.manifestIds()).isEmpty();
  }

  @Test
  void anImageRemembersThatCopiesCameIn() {
    ImageStore store = store(here, time);
    assertThat(store.mayHoldCopies()).isFalse();
    try (Lease lease = store.acquireLease()) {
      store.expectCopies(lease);
      store.expectCopies(lease);
    }
    assertThat(store(there, time).mayHoldCopies()).isTrue();
  }
}
