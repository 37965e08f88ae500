package dev.kedge.engine.history;

import static dev.kedge.repository.Manifest.Kind.FULL;
import static dev.kedge.repository.Manifest.Kind.INCREMENTAL;
import static dev.kedge.repository.Manifest.Kind.REBASED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdFeatures;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.testing.LabCeph;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Short histories that once gave a wrong restore point, or that Ceph's documentation gives reason
 * to doubt. Objects are 64 KiB unless said otherwise.
 */
class HistoryRegressionTest {
  private static final int OBJECT = 64 << 10;
  private static final long MIB = 1 << 20;
  private static final ImageSpec SPEC = ImageSpec.ofSize(MIB).withOrder(16);

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static LabCeph lab;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  @BeforeAll
  static void connect() {
    lab = LabCeph.connect();
  }

  @AfterAll
  static void disconnect() {
    lab.close();
  }

  private BackedUpImage backedUp(String image) {
    return new BackedUpImage(lab, lab.pool(), image, folder);
  }

  // ---- rollback: the head then has the object map of that snapshot, which calls objects clean
  // that differ from ours

  @Test
  void aRollbackToAnOlderSnapshotIsSeen() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, 8 * OBJECT, 'A');
      image.createSnapshot("before");
      image.createSnapshot("wanted");
      Guest.fill(image, OBJECT, 4 * OBJECT, 'B');
      backups.backUp();
      image.rollback("wanted");
      backups.backUp();
    }
  }

  @Test
  void aRollbackToAnOlderSnapshotThatIsGoneSinceIsSeen() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, 8 * OBJECT, 'A');
      image.createSnapshot("before");
      image.createSnapshot("wanted");
      Guest.fill(image, OBJECT, 4 * OBJECT, 'B');
      backups.backUp();
      image.rollback("wanted");
      image.removeSnapshot("before");
      image.removeSnapshot("wanted");
      backups.backUp();
    }
  }

  @Test
  void aRollbackToASnapshotThatIsNewerThanTheLastBackupIsSeen() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, 8 * OBJECT, 'A');
      backups.backUp();
      Guest.fill(image, OBJECT, OBJECT, 'B');
      image.createSnapshot("first");
      image.createSnapshot("second");
      Guest.fill(image, 2 * OBJECT, OBJECT, 'C');
      image.rollback("second");
      image.removeSnapshot("first");
      image.removeSnapshot("second");
      backups.backUp();
    }
  }

  @Test
  void aRollbackToOurOwnSnapshotIsSeen() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, 8 * OBJECT, 'A');
      backups.backUp();
      Guest.fill(image, OBJECT, 4 * OBJECT, 'B');
      backups.backUp();
      Guest.fill(image, 2 * OBJECT, 4 * OBJECT, 'C');
      image.rollback(backups.newestSnapshot());
      backups.backUp();
    }
  }

  @Test
  void aRollbackToTheSnapshotOfAnotherTargetIsSeen() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage first = backedUp(name);
    BackedUpImage second = new BackedUpImage(lab, lab.pool(), name, folder.resolve("second"));
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, 8 * OBJECT, 'A');
      first.backUp();
      second.backUp();
      Guest.fill(image, OBJECT, 4 * OBJECT, 'B');
      first.backUp();
      image.rollback(second.newestSnapshot());
      second.backUp();
      first.backUp();
    }
  }

  @Test
  void aRollbackToAGroupSnapshotIsSeen() {
    String name = lab.image(lab.pool(), SPEC);
    String group = LabCeph.POOL + "/" + LabCeph.uniqueName("group");
    BackedUpImage backups = backedUp(name);
    lab.rbd("group", "create", group);
    lab.rbd("group", "image", "add", group, LabCeph.POOL + "/" + name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, 8 * OBJECT, 'A');
      lab.rbd("group", "snap", "create", group + "@before");
      lab.rbd("group", "snap", "create", group + "@wanted");
      Guest.fill(image, OBJECT, 4 * OBJECT, 'B');
      backups.backUp();
      lab.rbd("--no-progress", "group", "snap", "rollback", group + "@wanted");
      backups.backUp();
    } finally {
      lab.rbd("group", "snap", "rm", group + "@before");
      lab.rbd("group", "snap", "rm", group + "@wanted");
      lab.rbd("group", "rm", group);
    }
  }

  // ---- sizes

  @Test
  void whatWasCutOffAndGrewBackReadsAsZeroes() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, MIB, 'A');
      backups.backUp();
      image.resize(300_000);
      image.resize(MIB);
      backups.backUp();
      image.resize(300_001);
      Guest.fill(image, 300_000, 1, 'B');
      image.resize(MIB);
      Guest.fill(image, 900_000, 1000, 'C');
      backups.backUp();
    }
  }

  @Test
  void whatWasCutOffWhenSomebodyTookASnapshotReadsAsZeroes() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, MIB, 'A');
      backups.backUp();
      image.resize(300_000);
      image.createSnapshot("small");
      image.resize(MIB);
      backups.backUp();
    }
  }

  @Test
  void whatAnOddSizeCutsOffNeverComesBack() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, MIB, 'A');
      backups.backUp();
      image.resize(5 * OBJECT + 100);
      backups.backUp();
      image.resize(MIB);
      backups.backUp();
    }
  }

  @Test
  void whatAnOddSizeCutsOffNeverComesBackFromSmallerClusters() {
    String name = lab.image(lab.pool(), SPEC.withFeatures(RbdFeatures.LAYERING));
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, MIB, 'A');
      backups.backUp(21);
      image.resize(5 * OBJECT + 100);
      backups.backUp(12);
      image.resize(6 * OBJECT + 1);
      backups.backUp(13);
      image.resize(4 * OBJECT + 4095);
      backups.backUp(14);
      image.resize(MIB);
      backups.backUp(12);
    }
  }

  @Test
  void theSmallestSizesAreBackedUp() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      image.resize(0);
      backups.backUp();
      backups.restoreToNewImage();
      backups.backUp();
      image.resize(1);
      backups.backUp();
      Guest.fill(image, 0, 1, 'A');
      backups.backUp();
      backups.restoreToNewImage();
      backups.restoreOverImage(SPEC);
      image.resize(0);
      backups.backUp();
      backups.restoreOverImage(SPEC);
      image.resize(513);
      backups.backUp();
      backups.everyRestorePointIsStillWhatItWas();
    }
  }

  // ---- striping

  @Test
  void aStripedObjectThatIsGoneTakesNothingOfItsNeighboursAlong() {
    String name = lab.image(lab.pool(), SPEC.withStriping(OBJECT, 4));
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, MIB, 'A');
      backups.backUp();
      Guest.zero(image, OBJECT, OBJECT);
      backups.backUp();
    }
  }

  // ---- clones

  private String parentWithSnapshot() {
    String parent = lab.image(lab.pool(), SPEC);
    try (RbdImage image = lab.pool().open(parent)) {
      Guest.fill(image, 0, 12 * OBJECT, 'P');
      image.createSnapshot("golden");
      image.protectSnapshot("golden");
      Guest.fill(image, 0, OBJECT, 'Q');
    }
    return parent;
  }

  private String cloneOf(String parent) {
    String name = LabCeph.uniqueName("clone");
    lab.pool().cloneImage(parent, "golden", lab.pool(), name);
    return lab.removeLater(lab.pool(), name);
  }

  @Test
  void aFlattenedCloneIsComparedAsAWhole() {
    String name = cloneOf(parentWithSnapshot());
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, OBJECT, OBJECT, 'A');
      backups.backUp();
      Guest.fill(image, 3 * OBJECT + 5, 10, 'B');
      assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
      image.flatten();
      Guest.fill(image, 4 * OBJECT + 5, 10, 'C');
      assertThat(backups.backUp().kind()).isEqualTo(REBASED);
      Guest.fill(image, 5 * OBJECT + 5, 10, 'D');
      assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
      backups.restoreToNewImage();
    }
  }

  @Test
  void aCloneThatShrinksAndGrowsLosesWhatItsParentShowed() {
    String name = cloneOf(parentWithSnapshot());
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      backups.backUp();
      image.resize(5 * OBJECT + 100);
      image.resize(MIB);
      backups.backUp();
      image.createSnapshot("foreign");
      image.resize(OBJECT + 100);
      backups.backUp();
      image.rollback("foreign");
      backups.backUp();
    }
  }

  @Test
  void aDiscardInACloneHidesItsParent() {
    String name = cloneOf(parentWithSnapshot());
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      backups.backUp();
      Guest.discard(image, 0, 2 * OBJECT);
      Guest.zero(image, 3 * OBJECT + 4096, OBJECT);
      backups.backUp();
      Guest.fill(image, OBJECT, 10, 'A');
      backups.backUp();
    }
  }

  @Test
  void aRollbackLetsTheParentShowAgain() {
    String name = cloneOf(parentWithSnapshot());
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      image.createSnapshot("untouched");
      Guest.fill(image, 0, 4 * OBJECT, 'A');
      backups.backUp();
      image.rollback("untouched");
      backups.backUp();
    }
  }

  // ---- identity and snapshots

  @Test
  void anImageMadeAnewUnderItsNameIsReBased() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, 8 * OBJECT, 'A');
      assertThat(backups.backUp().kind()).isEqualTo(FULL);
      image.removeSnapshot(backups.newestSnapshot());
    }
    lab.pool().remove(name);
    lab.pool().create(name, ImageSpec.ofSize(MIB / 2).withOrder(17));
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, OBJECT, OBJECT, 'B');
      assertThat(backups.backUp().kind()).isEqualTo(REBASED);
      Guest.fill(image, 2 * OBJECT, OBJECT, 'C');
      assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
    }
  }

  @Test
  void aSnapshotOfOursThatSomebodyRemovedMakesTheNextBackupReBased() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, 8 * OBJECT, 'A');
      backups.backUp(16);
      Guest.fill(image, OBJECT + 5, 1, 'B');
      backups.backUp(12);
      image.removeSnapshot(backups.newestSnapshot());
      Guest.fill(image, 2 * OBJECT + 5, 1, 'C');
      Guest.zero(image, 4 * OBJECT, OBJECT);
      assertThat(backups.backUp(14).kind()).isEqualTo(REBASED);
      image.removeSnapshot(backups.newestSnapshot());
      assertThat(backups.backUp(13).counts().storedBytes()).isZero();
    }
  }

  @Test
  void everyTargetKeepsOneSnapshotAndLeavesThoseOfOthersAlone() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage first = backedUp(name);
    BackedUpImage second = new BackedUpImage(lab, lab.pool(), name, folder.resolve("second"));
    try (RbdImage image = lab.pool().open(name)) {
      image.createSnapshot("backup.00000000-0000-4000-8000-000000000000.snap.1");
      image.createSnapshot("backup.not-a-uuid.snap.1700000000.5");
      for (int round = 0; round < 3; round++) {
        Guest.fill(image, (long) round * OBJECT, OBJECT + 5, (char) ('A' + round));
        first.backUp();
        Guest.fill(image, 5 * OBJECT + round, OBJECT, (char) ('a' + round));
        second.backUp();
      }
      assertThat(image.snapshots()).hasSize(4);
    }
    first.everyRestorePointIsStillWhatItWas();
    second.everyRestorePointIsStillWhatItWas();
  }

  // ---- features

  @Test
  void anObjectMapThatWasOffForAWhileIsNotTrusted() {
    String name = lab.image(lab.pool(), SPEC);
    String spec = LabCeph.POOL + "/" + name;
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, 8 * OBJECT, 'A');
      backups.backUp();
      image.createSnapshot("foreign");
      lab.rbd("feature", "disable", spec, "fast-diff", "object-map");
      Guest.fill(image, OBJECT, OBJECT, 'B');
      lab.rbd("feature", "enable", spec, "object-map", "fast-diff");
      Guest.fill(image, 2 * OBJECT, OBJECT, 'C');
      backups.backUp();
      Guest.fill(image, 3 * OBJECT, OBJECT, 'D');
      lab.rbd("--no-progress", "object-map", "rebuild", spec);
      Guest.fill(image, 4 * OBJECT, OBJECT, 'E');
      backups.backUp();
      Guest.fill(image, 5 * OBJECT, OBJECT, 'F');
      backups.backUp();
    }
  }

  @Test
  void fastDiffThatWasOffForAWhileIsNotTrusted() {
    String name = lab.image(lab.pool(), SPEC);
    String spec = LabCeph.POOL + "/" + name;
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      Guest.fill(image, 0, 8 * OBJECT, 'A');
      backups.backUp();
      lab.rbd("feature", "disable", spec, "fast-diff");
      Guest.fill(image, OBJECT, OBJECT, 'B');
      lab.rbd("feature", "enable", spec, "fast-diff");
      lab.rbd("--no-progress", "object-map", "rebuild", spec);
      Guest.fill(image, 2 * OBJECT, OBJECT, 'C');
      backups.backUp();
    }
  }

  // ---- writes: librbd copies them, unless an image has it otherwise

  @Test
  void moreThanIsUnderWayAtATimeIsRestoredWithAndWithoutCopies() {
    ImageSpec spec = ImageSpec.ofSize(48 * MIB);
    String name = lab.image(lab.pool(), spec);
    BackedUpImage backups = backedUp(name);
    try (RbdImage image = lab.pool().open(name)) {
      for (int i = 0; i < 46; i++) {
        Guest.fill(image, i * MIB + (i % 7) * 4096L, MIB - 8192, (char) ('A' + i % 26));
      }
      backups.backUp();
    }
    backups.restoreToNewImage();
    backups.restoreOverImage(spec);
    backups.restoreOverImageWithoutCopies(spec);
  }
}
