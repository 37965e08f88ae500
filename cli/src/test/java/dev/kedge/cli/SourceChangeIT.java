package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What others do to the image between two backups. */
final class SourceChangeIT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void aSnapshotThatSomebodyRemovedMakesTheNextBackupReadEverything() {
    Protected volume = newProtected(8 * MIB, random);
    volume.backup();
    volume.image().removeSnapshots();
    volume.image().scribble(random, 3);
    Outcome rebased = volume.backup();
    assertThat(rebased.text("kind")).isEqualTo("rebased");
    assertThat(rebased.text("parent")).isEqualTo(volume.points().getFirst());
    assertThat(rebased.text("reason")).contains(volume.points().getFirst(), "no longer in Ceph");
    // What is as it was is not stored again.
    assertThat(rebased.number("storedBytes")).isLessThan(MIB);
    volume.isTidy();
    assertThat(volume.backup().text("kind")).isEqualTo("incremental");
    volume.isIntact();
  }

  @Test
  void anImageThatWasMadeAnewIsComparedWithTheOldOne() {
    Protected volume = newProtected(8 * MIB, random);
    volume.backup();
    volume.image().recreate();
    volume.image().fill(random, 3 * MIB, MIB);
    Outcome rebased = volume.backup();
    assertThat(rebased.text("kind")).isEqualTo("rebased");
    volume.isTidy();
    volume.isIntact();
    volume.restoresAll();
  }

  @Test
  void aSnapshotOfTheSameNameOnAnotherImageIsNotTrusted() {
    Protected volume = newProtected(8 * MIB, random);
    volume.backup();
    String snapshot = volume.snapshotOf(volume.newest());
    volume.image().recreate();
    volume.image().fill(random, 0, MIB);
    try (var handle = volume.image().pool().open(volume.image().name())) {
      handle.createSnapshot(snapshot);
    }
    volume.image().fill(random, 3 * MIB, MIB);
    assertThat(volume.backup().text("kind")).isEqualTo("rebased");
    volume.isIntact();
  }

  @Test
  void snapshotsOfOthersStay() {
    Protected volume = newProtected(4 * MIB, random);
    volume.backup();
    List<String> foreign =
        List.of(
            "nightly",
            "backup.0b6a7c1e-1111-4222-8333-444455556666.snap.1700000000",
            "snapshot-0b6a7c1e-1111-4222-8333-444455556666");
    try (var handle = volume.image().pool().open(volume.image().name())) {
      foreign.forEach(handle::createSnapshot);
    }
    volume.backup();
    List<String> expected = new ArrayList<>(foreign);
    expected.add(volume.snapshotOf(volume.newest()));
    assertThat(volume.image().snapshots()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void eachTargetKeepsItsOwnSnapshot() {
    Protected first = newProtected(4 * MIB, random);
    Protected second = new Protected(kedge(), first.image(), newTarget());
    first.backup();
    second.backup();
    first.image().scribble(random, 3);
    assertThat(first.backup().text("kind")).isEqualTo("incremental");
    assertThat(second.backup().text("kind")).isEqualTo("incremental");
    assertThat(first.image().snapshots())
        .containsExactlyInAnyOrder(
            first.snapshotOf(first.newest()), second.snapshotOf(second.newest()));
    first.isIntact();
    second.isIntact();
  }

  @Test
  void aGrownAndAShrunkImageAreBackedUpAsTheyAre() {
    Protected volume = newProtected(8 * MIB, random);
    volume.backup();
    for (int size : new int[] {12 * MIB, 5 * MIB, 9 * MIB}) {
      volume.image().resize(size);
      volume.image().scribble(random, 3);
      assertThat(volume.backup().number("sizeBytes")).isEqualTo(size);
    }
    volume.isIntact();
    volume.restoresAll();
  }

  @Test
  void anImageThatIsGoneLeavesItsRestorePoints() {
    Protected volume = newProtected(4 * MIB, random);
    volume.backup();
    String renamed = volume.image().name() + "-renamed";
    volume.image().pool().rename(volume.image().name(), renamed);
    kedge().run(volume.backupWords()).exits(3);
    kedge()
        .run("backup", volume.image().location(), "--target", volume.target().toString())
        .fails(3, volume.image().spec());
    volume.isIntact();
    volume.restoresAll();
    volume.image().pool().rename(renamed, volume.image().name());
    assertThat(volume.backup().text("kind")).isEqualTo("incremental");
    volume.isTidy();
  }
}
