package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MovedImageTest {
  private static final UUID ONE = Samples.point(1);
  private static final UUID TWO = Samples.point(2);
  private static final ImageIdentity NOW = Samples.IMAGE;
  private static final ImageIdentity BEFORE =
      new ImageIdentity(NOW.clusterFsid(), "old", "", NOW.name());

  @TempDir Path parent;
  private BackupTarget target;
  private Repository repository;
  private ImageStore series;

  @BeforeEach
  void create() {
    target = new DirectoryTarget(parent.resolve("t"));
    repository = Repository.openOrCreate(target, FakeProcess.on("here").context(new FakeTime()));
    series = repository.image(BEFORE);
  }

  private void move(Lease lease) {
    ImageStore own = repository.ownFolder(NOW);
    try (Lease ownLease = own.acquireLease()) {
      own.giveWayTo(series, new MovedImage(NOW, BEFORE, BEFORE), lease, ownLease);
    }
  }

  private String file(String baseName) {
    return "images/" + NOW.imageId() + "/" + baseName;
  }

  @Test
  void itsRestorePointsAreUnderItsFirstName() {
    try (Lease lease = series.acquireLease()) {
      move(lease);
      Samples.backUp(series, lease, ONE);
      Samples.backUp(series, lease, TWO);
    }
    assertThat(repository.image(NOW).imageId()).isEqualTo(BEFORE.imageId());
    assertThat(repository.existing(NOW).orElseThrow().points().points()).hasSize(2);
    for (ImageIdentity name : new ImageIdentity[] {NOW, BEFORE}) {
      assertThat(repository.findImage(name.pool(), name.namespace(), name.name()).imageId())
          .isEqualTo(BEFORE.imageId());
    }
    assertThat(repository.images()).hasSize(1);
    assertThat(repository.foreignObjects()).isEmpty();
    assertThat(repository.damagedMoves()).isEmpty();
  }

  @Test
  void whatAnInstanceNeedsOfItStays() {
    try (Lease lease = series.acquireLease()) {
      move(lease);
      Samples.backUp(series, lease, ONE);
      InstancePoint record = record(ONE);
      repository.instances().commit(record);
      assertThat(repository.instances().list().points()).containsExactly(record);
      assertFails(ErrorCode.REFUSED, () -> series.delete(ONE, lease));
    }
  }

  private static InstancePoint record(UUID diskPoint) {
    return new InstancePoint(
        TWO,
        TWO,
        1,
        Instant.parse("2026-11-23T01:02:03.004Z"),
        new InstancePoint.Instance(TWO, "web", "p1", "u1", "prod", null),
        InstancePoint.Consistency.AGENT,
        0.25,
        List.of(
            new InstanceDisk(
                InstanceDisk.Role.VOLUME,
                0,
                true,
                "/dev/vda",
                null,
                true,
                "v1",
                null,
                new InstanceDisk.Kept("main", NOW, BEFORE.imageId(), diskPoint, 1L << 30))),
        SealedJson.newObject(),
        List.of(),
        Manifest.WRITER,
        UnknownFields.NONE);
  }

  @Test
  void anotherImagesRestorePointIsNotCommitted() {
    try (Lease lease = series.acquireLease()) {
      assertThat(assertFails(ErrorCode.REFUSED, () -> Samples.backUp(series, lease, ONE, null)))
          .hasMessageContaining(NOW.toString());
    }
  }

  @Test
  void anImageWithRestorePointsOfItsOwnKeepsThem() {
    ImageStore own = repository.image(NOW);
    try (Lease lease = own.acquireLease()) {
      Samples.backUp(own, lease, ONE);
    }
    try (Lease lease = series.acquireLease()) {
      assertFails(ErrorCode.REFUSED, () -> move(lease));
    }
    assertThat(repository.image(NOW).imageId()).isEqualTo(NOW.imageId());
    assertThat(repository.moved(NOW)).isEmpty();
  }

  @Test
  void whoeverWasAboutToWriteItsFirstOneBeginsAgain() {
    ImageStore own = repository.image(NOW);
    try (Lease lease = series.acquireLease()) {
      move(lease);
    }
    // Written by who had looked before.
    target.putIfAbsent(file(ImageJson.NAME), ImageJson.write(NOW));
    try (Lease lease = own.acquireLease()) {
      assertFails(ErrorCode.BUSY, () -> own.requireNotMoved(lease));
    }
    assertThat(repository.image(NOW).imageId()).isEqualTo(BEFORE.imageId());
    try (Lease lease = series.acquireLease()) {
      series.requireNotMoved(lease);
    }
  }

  @Test
  void aDamagedMoveIsNamedAndTakenForNothingElse() {
    try (Lease lease = series.acquireLease()) {
      move(lease);
    }
    target.replace(file(MovedJson.NAME), "{}".getBytes(UTF_8));
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> repository.image(NOW)))
        .hasMessageContaining(file(MovedJson.NAME))
        .hasMessageContaining("--moved-from");
    assertThat(repository.damagedMoves()).hasSize(1);
    assertFails(
        ErrorCode.VERIFICATION_FAILED, () -> repository.findImage(NOW.pool(), "", NOW.name()));
  }
}
