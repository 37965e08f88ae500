package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UndoPointTest {
  @TempDir Path parent;
  FakeTime time = new FakeTime();
  FakeProcess here = FakeProcess.on("here");
  ImageStore store;
  Path file;

  @BeforeEach
  void create() {
    Repository repository =
        Repository.openOrCreate(new DirectoryTarget(parent.resolve("backups")), here.context(time));
    store = repository.image(Samples.IMAGE);
    file = parent.resolve("backups/images").resolve(store.imageId() + "/undo.json");
  }

  private static UndoPoint undoPoint(int number) {
    UUID id = Samples.point(number);
    return new UndoPoint(
        id,
        Samples.snapshot(id),
        "10a2b3c4d5e6",
        Samples.point(number + 1),
        Instant.parse("2026-11-23T01:02:03Z"),
        false);
  }

  @Test
  void undoPointsAreKeptInTheirOrderAndNothingIsLeftOfTheLast() {
    assertThat(store.undoPoints()).isEmpty();
    List<UndoPoint> both = List.of(undoPoint(5), undoPoint(3).release());
    try (Lease lease = store.acquireLease()) {
      store.replaceUndoPoints(both, lease);
      assertThat(store.undoPoints()).isEqualTo(both);
      store.replaceUndoPoints(List.of(), lease);
    }
    assertThat(store.undoPoints()).isEmpty();
    assertThat(file).doesNotExist();
  }

  @Test
  void aCleanUpAndALaterOwnerLeaveThemAlone() {
    try (Lease lease = store.acquireLease()) {
      store.replaceUndoPoints(List.of(undoPoint(5)), lease);
    }
    try (Lease lease = store.acquireLease()) {
      assertThat(store.cleanUp(lease).abandonedSnapshots()).isEmpty();
    }
    assertThat(store.undoPoints()).containsExactly(undoPoint(5));
    assertThat(store.points().points()).isEmpty();
  }

  @Test
  void whoLostTheLeaseChangesNothing() {
    Lease lost = store.acquireLease();
    lost.release();
    assertFails(ErrorCode.BUSY, () -> store.replaceUndoPoints(List.of(undoPoint(5)), lost));
    assertThat(store.undoPoints()).isEmpty();
  }

  @Test
  void aDamagedDescriptionIsNamedWithTheWayOut() throws IOException {
    try (Lease lease = store.acquireLease()) {
      store.replaceUndoPoints(List.of(undoPoint(5)), lease);
    }
    Files.writeString(file, Files.readString(file).replace("10a2", "10a3"));
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, store::undoPoints))
        .hasMessageContaining("undo.json")
        .hasMessageContaining("delete that file");
  }
}
