package dev.kedge.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.InstancePoint.Consistency;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class InstanceStoreTest {
  private static final UUID INSTANCE = UUID.fromString("6f0cf5bc-3c1b-4f3c-9f6e-6a7c0f2c9d01");
  private static final UUID POINT = UUID.fromString("aa0cf5bc-3c1b-4f3c-9f6e-6a7c0f2c9d01");
  private static final UUID OTHER = UUID.fromString("ab0cf5bc-3c1b-4f3c-9f6e-6a7c0f2c9d01");

  @TempDir private Path folder;
  private Repository repository;
  private InstanceStore instances;
  private ImageStore image;

  @BeforeEach
  void twoRestorePointsOfADisk() {
    repository = Repository.openOrCreate(new DirectoryTarget(folder.resolve("target")));
    instances = repository.instances();
    image = repository.image(Samples.IMAGE);
    try (Lease lease = image.acquireLease()) {
      Samples.backUp(image, lease, Samples.point(1), null);
      Samples.backUp(image, lease, Samples.point(2), null);
    }
  }

  private static InstancePoint record(UUID id, long sequence, UUID diskPoint) {
    ObjectNode raw = SealedJson.newObject();
    raw.putObject("server").put("id", INSTANCE.toString()).put("name", "web ü").putObject("empty");
    raw.putArray("ports").addObject().put("number", new BigDecimal("1.50"));
    return new InstancePoint(
        id,
        UUID.randomUUID(),
        sequence,
        Instant.parse("2026-11-23T01:02:03.004Z"),
        new InstancePoint.Instance(INSTANCE, "web ü", "p1", "u1", "prod", null),
        Consistency.AGENT,
        0.25,
        List.of(
            new InstanceDisk(
                InstanceDisk.Role.VOLUME,
                0,
                true,
                "/dev/vda",
                "boot",
                true,
                "v1",
                "k1",
                new InstanceDisk.Kept("main", Samples.IMAGE, diskPoint, 1L << 30)),
            new InstanceDisk(
                InstanceDisk.Role.CONFIG_DRIVE,
                0,
                false,
                null,
                null,
                true,
                null,
                null,
                new InstanceDisk.LeftOut("it lies elsewhere"))),
        raw,
        List.of("a note"),
        Manifest.WRITER,
        UnknownFields.NONE);
  }

  private Path file(UUID point) {
    return folder.resolve("target/instances/" + INSTANCE + "/" + point + ".json");
  }

  @Test
  void whatWasCommittedIsReadBackFromTheTargetAlone() {
    InstancePoint first = record(POINT, 1, Samples.point(1));
    instances.commit(first);
    InstancePoint second = record(OTHER, 2, Samples.point(2));
    instances.commit(second);
    InstanceStore elsewhere =
        Repository.open(new DirectoryTarget(folder.resolve("target"))).instances();
    assertThat(elsewhere.list().points()).containsExactly(first, second);
    assertThat(elsewhere.list(INSTANCE).nextSequence(INSTANCE)).isEqualTo(3);
    assertThat(elsewhere.find("aa0c")).isEqualTo(first);
    assertThat(first.complete()).isFalse();
    assertThat(first.bootDisk()).map(InstanceDisk::device).hasValue("/dev/vda");
  }

  @Test
  void theStartOfAnIdMustBeThatOfOne() {
    instances.commit(record(POINT, 1, Samples.point(1)));
    instances.commit(record(OTHER, 2, Samples.point(2)));
    assertFails(ErrorCode.USAGE, () -> instances.find("a"));
    assertFails(ErrorCode.NOT_FOUND, () -> instances.find("b"));
    assertFails(ErrorCode.USAGE, () -> instances.find("web"));
  }

  @Test
  void committingTheSameTwiceIsNoFailureAndSomethingElseIs() {
    InstancePoint point = record(POINT, 1, Samples.point(1));
    instances.commit(point);
    instances.commit(point);
    assertFails(ErrorCode.REFUSED, () -> instances.commit(record(POINT, 2, Samples.point(1))));
    assertThat(instances.list().points()).containsExactly(point);
  }

  @Test
  void noRecordNamesADiskThatIsNotThere() {
    assertFails(ErrorCode.REFUSED, () -> instances.commit(record(POINT, 1, Samples.point(9))));
    assertThat(instances.list().points()).isEmpty();
  }

  @Test
  void aDiskThatARecordNamesIsNotDeleted() {
    instances.commit(record(POINT, 1, Samples.point(1)));
    try (Lease lease = image.acquireLease()) {
      assertThatThrownBy(() -> image.delete(Samples.point(1), lease))
          .isInstanceOf(KedgeException.class)
          .hasMessageContaining("kedge instance delete")
          .hasMessageContaining(POINT.toString());
      assertThat(instances.delete("aa")).isEqualTo(POINT);
      image.delete(Samples.point(1), lease);
    }
    assertThat(image.points().find(Samples.point(1))).isEmpty();
  }

  @Test
  void aDamagedRecordIsListedApartAndKeepsEveryDisk() throws IOException {
    instances.commit(record(POINT, 1, Samples.point(1)));
    byte[] bytes = Files.readAllBytes(file(POINT));
    bytes[bytes.length / 2] ^= 1;
    Files.write(file(POINT), bytes);
    assertThat(instances.list().points()).isEmpty();
    assertThat(instances.list().damaged()).extracting(DamagedPoint::point).containsExactly(POINT);
    try (Lease lease = image.acquireLease()) {
      assertFails(ErrorCode.REFUSED, () -> image.delete(Samples.point(1), lease));
      instances.delete(POINT.toString());
      image.delete(Samples.point(1), lease);
    }
  }

  @Test
  void fieldsOfALaterKedgeAreKeptAndAnotherSchemaIsRefused() {
    byte[] bytes = record(POINT, 1, Samples.point(1)).toBytes();
    ObjectNode later = SealedJson.unseal(bytes, "i").put("later", 7);
    InstancePoint read = InstancePoint.parse(SealedJson.seal(later), "i");
    assertThat(SealedJson.unseal(read.toBytes(), "i")).isEqualTo(later);
    later.put("schema", 2);
    assertFails(ErrorCode.REFUSED, () -> InstancePoint.parse(SealedJson.seal(later), "i"));
  }

  @Test
  void everyMissingFieldIsNamed() {
    byte[] bytes = record(POINT, 1, Samples.point(1)).toBytes();
    for (String field : SealedJson.unseal(bytes, "i").propertyNames()) {
      ObjectNode without = SealedJson.unseal(bytes, "i");
      without.remove(field);
      assertThatThrownBy(() -> InstancePoint.parse(SealedJson.seal(without), "i.json"))
          .isInstanceOf(KedgeException.class)
          .hasMessageContaining("i.json")
          .hasMessageContaining(field);
    }
  }

  private static void assertFails(ErrorCode code, Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(KedgeException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void oneProcessAtATimeRestoresAnInstance() {
    instances.commit(record(POINT, 1, Samples.point(1)));
    try (Lease lease = repository.acquireRestoreLease(INSTANCE)) {
      Repository again = Repository.open(new DirectoryTarget(folder.resolve("target")));
      Failures.assertFails(ErrorCode.BUSY, () -> again.acquireRestoreLease(INSTANCE));
      again.acquireRestoreLease(OTHER).close();
      lease.confirm();
    }
    repository.acquireRestoreLease(INSTANCE).close();
    assertThat(instances.list().points()).hasSize(1);
  }
}
