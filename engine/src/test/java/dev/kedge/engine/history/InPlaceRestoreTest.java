package dev.kedge.engine.history;

import static dev.kedge.repository.Manifest.Kind.FULL;
import static dev.kedge.repository.Manifest.Kind.INCREMENTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdFeatures;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.IncompleteRestore;
import dev.kedge.engine.Progress;
import dev.kedge.engine.restore.inplace.InPlaceResult;
import dev.kedge.engine.restore.inplace.UndoResult;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.Lease;
import dev.kedge.repository.UndoPoint;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restore into the image itself promises, case by case. Objects are 64 KiB. */
class InPlaceRestoreTest {
  private static final int OBJECT = 64 << 10;
  private static final int BLOCK = 4096;
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

  private interface Use {
    void of(RbdImage image);
  }

  private static void use(String name, Use use) {
    try (RbdImage image = lab.pool().open(name)) {
      use.of(image);
    }
  }

  private BackedUpImage backedUp(String image) {
    return new BackedUpImage(lab, lab.pool(), image, folder);
  }

  /** An image that holds something everywhere. */
  private static String filledImage() {
    return filledImage(SPEC);
  }

  private static String filledImage(ImageSpec spec) {
    String name = lab.image(lab.pool(), spec);
    use(name, image -> Guest.writeNoise(image, 0, (int) image.sizeBytes(), new Random(1)));
    return name;
  }

  private static void damage(String name) {
    use(
        name,
        image -> {
          Guest.fill(image, OBJECT, BLOCK, 'D');
          Guest.zero(image, 4 * OBJECT + BLOCK, 2 * BLOCK);
          Guest.fill(image, 9 * OBJECT + 100, 50, 'E');
        });
  }

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).as("%s", e).isEqualTo(code));
  }

  private static void assertDiff(InPlaceResult result) {
    assertThat(result.method()).as(result.reason()).isEqualTo("diff");
  }

  private static void assertChecksums(InPlaceResult result, String reason) {
    assertThat(result.method()).isEqualTo("checksums");
    assertThat(result.reason()).contains(reason);
  }

  // ---- what is written

  @Test
  void onlyWhatDiffersIsWrittenAndTheNextBackupIsIncremental() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    damage(name);
    InPlaceResult result = backups.restoreInPlace(point);
    assertDiff(result);
    assertThat(result.writtenBytes()).isEqualTo(4 * BLOCK);
    assertThat(result.comparedBytes()).isEqualTo(3 * OBJECT);
    assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
  }

  @Test
  void whatIsAsItWasIsNotTouched() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    use(name, image -> Guest.writeNoise(image, 0, (int) MIB, new Random(1)));
    InPlaceResult result = backups.restoreInPlace(point);
    assertThat(result.comparedBytes()).isEqualTo(MIB);
    assertThat(result.writtenBytes()).isZero();
    assertThat(result.undoPoint()).isNull();
    assertThat(backups.undoPoints()).isEmpty();
  }

  @Test
  void whatTheBackupsSinceHoldIsTakenBackToo() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID first = backups.backUp(16).id();
    use(name, image -> Guest.fill(image, OBJECT, BLOCK, 'B'));
    UUID second = backups.backUp(12).id();
    use(name, image -> Guest.zero(image, 3 * OBJECT, OBJECT));
    backups.backUp(21);
    use(name, image -> Guest.fill(image, 5 * OBJECT, BLOCK, 'C'));
    InPlaceResult result = backups.restoreInPlace(first);
    assertDiff(result);
    assertThat(result.writtenBytes()).isEqualTo(2 * BLOCK + OBJECT);
    assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
    assertDiff(backups.restoreInPlace(second));
  }

  @Test
  void aPointOfAnOlderChainIsFoundByChecksums() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    use(name, image -> Guest.fill(image, OBJECT, BLOCK, 'B'));
    assertThat(backups.backUp(true, Compression.NONE, null).manifest().kind()).isEqualTo(FULL);
    InPlaceResult result = backups.restoreInPlace(point);
    assertChecksums(result, "no ancestor in common");
    assertThat(result.writtenBytes()).isEqualTo(BLOCK);
  }

  @Test
  void holesOfTheRestorePointBecomeHolesAgain() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    use(name, image -> Guest.fill(image, 0, OBJECT, 'A'));
    UUID point = backups.backUp().id();
    use(name, image -> Guest.fill(image, 2 * OBJECT, 3 * OBJECT, 'B'));
    InPlaceResult result = backups.restoreInPlace(point);
    assertThat(result.zeroedBytes()).isEqualTo(3 * OBJECT);
    assertThat(result.writtenBytes()).isEqualTo(3 * OBJECT);
    backups.discardUndo();
    use(name, image -> image.removeSnapshot(backups.newestSnapshot()));
    assertThat(lab.rbd("diff", LabCeph.POOL + "/" + name).lines().skip(1)).hasSize(1);
  }

  // ---- sizes

  @Test
  void theSizeComesBackFromBoth() {
    for (long size : new long[] {MIB / 2, MIB / 2 + 777, 2 * MIB, 3}) {
      String name = filledImage();
      BackedUpImage backups = new BackedUpImage(lab, lab.pool(), name, folder.resolve(name));
      UUID point = backups.backUp().id();
      use(name, image -> image.resize(size));
      assertDiff(backups.restoreInPlace(point));
      assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
      backups.undo();
      assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
    }
  }

  @Test
  void whatWasCutOffWithoutABackupComesBack() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    use(
        name,
        image -> {
          image.resize(5 * OBJECT + 100);
          image.resize(MIB);
        });
    assertDiff(backups.restoreInPlace(point));
    backups.undo();
    backups.backUp();
  }

  @Test
  void whatWasCutOffBetweenTwoBackupsComesBack() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID first = backups.backUp().id();
    use(name, image -> image.resize(3 * OBJECT + 100));
    UUID small = backups.backUp().id();
    use(name, image -> image.resize(MIB));
    UUID regrown = backups.backUp().id();
    for (UUID point : List.of(first, small, regrown, first)) {
      assertDiff(backups.restoreInPlace(point));
    }
    backups.backUp();
  }

  // ---- what a diff does not tell

  @Test
  void withoutTheSnapshotEverythingIsComparedAndOnlyWhatDiffersWritten() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    backups.backUp(16);
    use(name, image -> Guest.fill(image, OBJECT, BLOCK, 'B'));
    UUID point = backups.backUp(12).id();
    use(name, image -> image.removeSnapshot(backups.newestSnapshot()));
    damage(name);
    InPlaceResult result = backups.restoreInPlace(point);
    assertChecksums(result, "no longer in Ceph");
    assertThat(result.writtenBytes()).isEqualTo(4 * BLOCK);
    assertThat(backups.backUp().counts().storedBytes()).isZero();
  }

  @Test
  void anImageMadeAnewIsComparedAsAWhole() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    use(name, image -> image.removeSnapshot(backups.newestSnapshot()));
    lab.pool().remove(name);
    lab.pool().create(name, ImageSpec.ofSize(MIB / 2).withOrder(17));
    InPlaceResult result = backups.restoreInPlace(point);
    assertChecksums(result, "not the image that was backed up");
    assertThat(result.writtenBytes()).isEqualTo(MIB);
  }

  @Test
  void aRollbackToAnOlderSnapshotIsSeen() {
    String name = lab.image(lab.pool(), SPEC);
    BackedUpImage backups = backedUp(name);
    use(
        name,
        image -> {
          Guest.fill(image, 0, 8 * OBJECT, 'A');
          image.createSnapshot("before");
          image.createSnapshot("wanted");
          Guest.fill(image, OBJECT, 4 * OBJECT, 'B');
        });
    UUID point = backups.backUp().id();
    use(
        name,
        image -> {
          image.rollback("wanted");
          image.removeSnapshot("before");
          image.removeSnapshot("wanted");
        });
    InPlaceResult result = backups.restoreInPlace(point);
    assertDiff(result);
    assertThat(result.writtenBytes()).isEqualTo(4 * OBJECT);
    backups.backUp();
  }

  @Test
  void aRollbackToTheUndoPointIsSeenByBackupsAndRestores() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    damage(name);
    UndoPoint undo = Objects.requireNonNull(backups.restoreInPlace(point).undoPoint());
    use(name, image -> Guest.fill(image, 12 * OBJECT, OBJECT, 'F'));
    backups.backUp();
    use(name, image -> image.rollback(undo.snapshotName()));
    backups.backUp();
    assertDiff(backups.restoreInPlace(point));
    backups.backUp();
  }

  @Test
  void anObjectMapThatWasOffForAWhileIsNotNeeded() {
    String name = filledImage();
    String spec = LabCeph.POOL + "/" + name;
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    lab.rbd("feature", "disable", spec, "fast-diff", "object-map");
    damage(name);
    backups.restoreInPlace(point);
    lab.rbd("feature", "enable", spec, "object-map", "fast-diff");
    backups.undo();
    backups.backUp();
    assertThat(backups.restoreInPlace(point).writtenBytes()).isEqualTo(4 * BLOCK);
    backups.backUp();
  }

  @Test
  void anImageWithoutAnyFeatureIsRestored() {
    String name = filledImage(SPEC.withFeatures(RbdFeatures.LAYERING));
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    damage(name);
    assertDiff(backups.restoreInPlace(point));
    backups.undo();
    backups.backUp();
  }

  // ---- clones

  private static String cloneOfFilled() {
    String parent = filledImage();
    use(
        parent,
        image -> {
          image.createSnapshot("golden");
          image.protectSnapshot("golden");
          Guest.fill(image, 0, OBJECT, 'Q');
        });
    String name = LabCeph.uniqueName("clone");
    lab.pool().cloneImage(parent, "golden", lab.pool(), name);
    return lab.removeLater(lab.pool(), name);
  }

  @Test
  void aCloneIsRestoredByItsDiff() {
    String name = cloneOfFilled();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    damage(name);
    use(name, image -> Guest.discard(image, 6 * OBJECT, OBJECT));
    InPlaceResult result = backups.restoreInPlace(point);
    assertDiff(result);
    assertThat(result.writtenBytes()).isEqualTo(4 * BLOCK + OBJECT);
    assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
    backups.undo();
    backups.backUp();
  }

  @Test
  void aFlattenedCloneIsComparedAsAWhole() {
    String name = cloneOfFilled();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    use(name, RbdImage::flatten);
    damage(name);
    InPlaceResult result = backups.restoreInPlace(point);
    assertChecksums(result, "what the clone reads from its parent has changed");
    assertThat(result.writtenBytes()).isEqualTo(4 * BLOCK);
    backups.backUp();
    backups.undo();
    backups.backUp();
  }

  @Test
  void aCloneThatWasShrunkAndFlattenedAfterwardsIsTakenBack() {
    String name = cloneOfFilled();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    use(name, image -> image.resize(3 * OBJECT + 5));
    backups.restoreInPlace(point);
    use(name, RbdImage::flatten);
    UndoResult undone = backups.undo();
    assertThat(undone.sizeBytes()).isEqualTo(3 * OBJECT + 5);
    backups.backUp();
    backups.restoreInPlace(point);
  }

  // ---- what is stored is damaged

  private Path file(UUID point, String ending) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.endsWith(point + ending)).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void flipByte(Path file, long at) {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int old = bytes.read();
      bytes.seek(at);
      bytes.write(old ^ 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aDamagedPointIsRefusedBeforeAnythingIsWritten() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp(16).id();
    use(name, image -> Guest.fill(image, 0, MIB, 'D'));
    Content before = backups.content();
    // Data follows the header cluster in order: this is the last but two.
    flipByte(file(point, ".qcow2"), 14 * OBJECT + 5);
    assertCode(ErrorCode.VERIFICATION_FAILED, () -> inPlace(backups, point, false));
    assertThat(backups.content()).isEqualTo(before);
    assertThat(backups.undoPoints()).isEmpty();
    assertThat(isMarked(name)).isFalse();
  }

  @Test
  void anOlderPointIsRestoredThoughANewerOneIsDamaged() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID older = backups.backUp().id();
    use(name, image -> Guest.fill(image, OBJECT, 2 * OBJECT, 'B'));
    UUID newer = backups.backUp().id();
    flipByte(file(newer, ".sums"), 40);
    assertChecksums(backups.restoreInPlace(older), "damaged");
  }

  // ---- undo

  @Test
  void restoresAreTakenBackOneByOneTheLatestFirst() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID first = backups.backUp().id();
    damage(name);
    UUID second = backups.backUp().id();
    use(name, image -> Guest.fill(image, 11 * OBJECT, OBJECT, 'X'));
    backups.restoreInPlace(second);
    use(name, image -> Guest.fill(image, 12 * OBJECT, OBJECT, 'Y'));
    backups.restoreInPlace(first);
    assertThat(backups.undoPoints()).hasSize(2);
    use(name, image -> Guest.fill(image, 0, OBJECT, 'Z'));
    backups.undo();
    assertThat(backups.undoPoints()).hasSize(1);
    assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
    backups.undo();
    assertThat(backups.undoPoints()).isEmpty();
    assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
    assertCode(ErrorCode.NOT_FOUND, backups::undo);
    assertThat(backups.foreignSnapshots()).isEmpty();
  }

  @Test
  void anUndoPointOutlivesBackupsUntilItIsLetGo() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    damage(name);
    UndoPoint undo = Objects.requireNonNull(backups.restoreInPlace(point).undoPoint());
    for (int i = 0; i < 3; i++) {
      int round = i;
      use(name, image -> Guest.fill(image, (6L + round) * OBJECT, 10, 'R'));
      backups.backUp();
      assertThat(backups.undoPoints()).containsExactly(undo);
    }
    backups.discardUndo();
    assertThat(backups.foreignSnapshots()).isEmpty();
    assertCode(ErrorCode.NOT_FOUND, backups::discardUndo);
    backups.backUp();
  }

  @Test
  void anUndoPointThatSomebodyRemovedIsForgottenAndSaid() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    damage(name);
    UndoPoint undo = Objects.requireNonNull(backups.restoreInPlace(point).undoPoint());
    use(name, image -> image.removeSnapshot(undo.snapshotName()));
    List<String> notes = backups.backUp(false, Compression.NONE, null).notes();
    assertThat(notes).singleElement().asString().contains(undo.snapshotName(), "not on the image");
    assertThat(backups.store().undoPoints()).containsExactly(undo.release());
    assertCode(ErrorCode.NOT_FOUND, backups::undo);
    assertThat(backups.backUp(false, Compression.NONE, null).notes()).isEmpty();
  }

  // ---- others, and interruptions

  private static InPlaceResult inPlace(BackedUpImage backups, UUID point, boolean force) {
    return backups.inPlace(point, force, false, Progress.NONE, new CancelToken());
  }

  private static boolean isMarked(String name) {
    try (RbdImage image = lab.pool().openReadOnly(name, null)) {
      return IncompleteRestore.of(image).isPresent();
    }
  }

  @Test
  void forceWritesWhileAClientHasTheLock() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    try (RbdImage guest = lab.pool().open(name)) {
      Guest.fill(guest, OBJECT, BLOCK, 'G');
      assertThat(guest.ownsExclusiveLock()).isTrue();
      assertThat(inPlace(backups, point, true).writtenBytes()).isEqualTo(BLOCK);
    }
    assertThat(backups.content()).isEqualTo(backups.contentOf(point));
  }

  @Test
  void aLockThatIsNotGivenUpIsNotBroken() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    damage(name);
    Content before = backups.content();
    try (RbdImage guest = lab.pool().open(name)) {
      guest.acquireExclusiveLock();
      assertCode(ErrorCode.BUSY, () -> inPlace(backups, point, true));
      assertThat(guest.ownsExclusiveLock()).isTrue();
    }
    assertThat(backups.content()).isEqualTo(before);
  }

  @Test
  void whoComesMeanwhileCannotWrite() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    damage(name);
    List<RuntimeException> failures = new ArrayList<>();
    Progress intruder =
        new Progress() {
          @Override
          public void begin(String step, long totalBytes) {}

          @Override
          public void advance(long bytes) {
            try (RbdImage guest = lab.pool().open(name)) {
              Guest.fill(guest, OBJECT, BLOCK, 'I');
            } catch (KedgeException e) {
              failures.add(e);
            }
          }

          @Override
          public void note(String message) {}
        };
    backups.inPlace(point, false, false, intruder, new CancelToken());
    assertThat(failures).isNotEmpty();
    assertThat(backups.content()).isEqualTo(backups.contentOf(point));
  }

  @Test
  void aBackupThatRunsIsNotDisturbed() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    damage(name);
    Content before = backups.content();
    try (Lease lease = backups.store().acquireLease()) {
      assertCode(ErrorCode.BUSY, () -> inPlace(backups, point, true));
      lease.assertHeld();
    }
    assertThat(backups.content()).isEqualTo(before);
  }

  /** Cancels at the first progress of the n-th step. */
  private static final class CancelAt implements Progress {
    final CancelToken cancel = new CancelToken();
    private int stepsLeft;

    CancelAt(int step) {
      stepsLeft = step;
    }

    @Override
    public void begin(String step, long totalBytes) {
      stepsLeft--;
    }

    @Override
    public void advance(long bytes) {
      if (stepsLeft == 0) {
        cancel.cancel();
      }
    }

    @Override
    public void note(String message) {}
  }

  @Test
  void aRestoreThatWasStoppedWhileItComparedLeavesEverythingAsItWas() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    damage(name);
    Content before = backups.content();
    CancelAt stop = new CancelAt(1);
    assertCode(
        ErrorCode.INTERRUPTED, () -> backups.inPlace(point, false, false, stop, stop.cancel));
    assertThat(backups.content()).isEqualTo(before);
    assertThat(backups.undoPoints()).isEmpty();
    assertThat(isMarked(name)).isFalse();
  }

  private UndoPoint stopWhileWriting(BackedUpImage backups, UUID point) {
    Content before = backups.content();
    CancelAt stop = new CancelAt(2);
    assertCode(
        ErrorCode.INTERRUPTED, () -> backups.inPlace(point, false, false, stop, stop.cancel));
    UndoPoint undo = backups.undoPoints().getLast();
    backups.rememberBefore(undo.id(), before);
    return undo;
  }

  @Test
  void aRestoreThatWasStoppedIsFinishedByTheSameAgain() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    use(
        name,
        image -> {
          Guest.fill(image, 0, MIB, 'D');
          image.resize(MIB / 2);
        });
    UndoPoint undo = stopWhileWriting(backups, point);
    assertThat(isMarked(name)).isTrue();
    assertThat(backups.backUp(false, Compression.NONE, null).notes())
        .anyMatch(note -> note.contains("interrupted"));
    assertCode(ErrorCode.REFUSED, backups::discardUndo);
    InPlaceResult again = inPlace(backups, point, false);
    assertThat(backups.content()).isEqualTo(backups.contentOf(point));
    assertThat(again.undoPoint()).isEqualTo(undo);
    assertThat(isMarked(name)).isFalse();
    backups.undo();
    assertThat(backups.backUp().kind()).isEqualTo(INCREMENTAL);
  }

  @Test
  void aRestoreThatWasStoppedIsTakenBack() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    use(name, image -> Guest.fill(image, 0, MIB, 'D'));
    stopWhileWriting(backups, point);
    backups.undo();
    assertThat(isMarked(name)).isFalse();
    assertThat(backups.undoPoints()).isEmpty();
    backups.backUp();
  }

  @Test
  void whatHappensAfterARestoreWasTakenForDoneIsInTheNextUndoPoint() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    use(name, image -> Guest.fill(image, 0, MIB, 'D'));
    stopWhileWriting(backups, point);
    // Somebody removes the mark, and works on.
    use(
        name,
        image -> {
          IncompleteRestore.clear(image);
          Guest.fill(image, 3 * OBJECT, OBJECT, 'N');
        });
    backups.restoreInPlace(point);
    assertThat(backups.undoPoints()).hasSize(2);
    backups.undo();
    backups.undo();
  }

  // ---- another image

  @Test
  void anotherImageIsComparedAsAWholeAndTakenBack() {
    String name = filledImage();
    BackedUpImage backups = backedUp(name);
    UUID point = backups.backUp().id();
    String other = filledImage(ImageSpec.ofSize(2 * MIB).withOrder(18));
    use(other, image -> Guest.fill(image, OBJECT, OBJECT, 'O'));
    Content before = contentOf(other);
    InPlaceResult result = backups.inPlaceInto(other, point);
    assertChecksums(result, "not the image that was backed up");
    assertThat(result.writtenBytes()).isEqualTo(OBJECT);
    assertThat(contentOf(other)).isEqualTo(backups.contentOf(point));
    assertThat(backups.undoPoints()).isEmpty();
    backups.undoOf(other);
    assertThat(contentOf(other)).isEqualTo(before);
  }

  private static Content contentOf(String image) {
    return Content.of(lab.export(LabCeph.POOL + "/" + image));
  }
}
