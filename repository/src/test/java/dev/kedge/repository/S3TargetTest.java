package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.qcow2.AppendOutput.Part;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On the lab's RADOS Gateway. */
@Tag("s3")
class S3TargetTest extends BackupTargetContract {
  private final String location = LabS3.newLocation();
  private final BackupTarget target = LabS3.target(location);

  @Override
  BackupTarget target() {
    return target;
  }

  private void write(String name, byte[] bytes) {
    try (ObjectOutput output = target.create(name)) {
      output.append(ByteBuffer.wrap(bytes), Part.PLAIN_CLUSTERS);
      output.flush();
    }
  }

  @Test
  void itRecordsHowOneOfManyWritersWins() {
    assertThat(Repository.openOrCreate(target).info().options())
        .containsEntry("exclusivePut", "if-none-match");
    assertThat(target.location()).isEqualTo(location).startsWith("s3://kedge/test/");
  }

  @Test
  void moreObjectsThanOneListingHoldsAreAllListed() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 1050; i++) {
      names.add("many/%04d".formatted(i));
    }
    names.parallelStream().forEach(name -> target.replace(name, new byte[0]));
    assertThat(target.list("many/")).extracting(StoredObject::name).isEqualTo(names);
    assertThat(target.folders("")).containsExactly("many");
  }

  @Test
  void anObjectDoesNotExistBeforeItIsFlushed() {
    for (int lengthBytes : new int[] {10, 20 << 20}) {
      try (ObjectOutput output = target.create("a/x")) {
        output.append(ByteBuffer.allocate(lengthBytes), Part.PLAIN_CLUSTERS);
        assertThat(target.exists("a/x")).isFalse();
      }
      assertThat(target.exists("a/x")).isFalse();
      assertThat(target.sweep("a/", Instant.MAX)).as("left by a writer that gave up").isEmpty();
    }
  }

  @Test
  void whatAKilledWriterLeftIsSweptWhenItIsOldEnough() {
    ObjectOutput killed = target.create("a/x");
    killed.append(ByteBuffer.allocate(20 << 20), Part.PLAIN_CLUSTERS);
    assertThat(target.list("a/")).isEmpty();
    assertThat(target.isEmpty()).isTrue();
    assertThat(target.sweep("a/", Instant.now().minus(Duration.ofHours(1)))).isEmpty();
    assertThat(target.sweep("a/y", Instant.MAX)).isEmpty();
    assertThat(target.sweep("b/", Instant.MAX)).isEmpty();
    assertThat(target.sweep("a/x", Instant.MAX)).containsExactly("a/x (unfinished upload)");
    assertThat(target.sweep("a/", Instant.MAX)).isEmpty();
    assertFails(ErrorCode.TARGET_UNREACHABLE, killed::flush);
    killed.close();
    assertThat(target.exists("a/x")).isFalse();
  }

  @Test
  void aStaleWriterCannotFinishOverTheNextOne() {
    ObjectOutput stale = target.create("x");
    stale.append(ByteBuffer.allocate(20 << 20), Part.PLAIN_CLUSTERS);
    write("x", bytes("new"));
    assertFails(ErrorCode.TARGET_UNREACHABLE, stale::flush);
    stale.close();
    assertThat(text("x")).isEqualTo("new");
  }

  @Test
  void anObjectThatIsReplacedWhileItIsReadIsNoticed() {
    byte[] bytes = new byte[2 << 20];
    new Random(1).nextBytes(bytes);
    write("x", bytes);
    try (ObjectInput input = target.open("x")) {
      read(input, 0, 1000);
      bytes[0]++;
      write("x", bytes);
      assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> read(input, 1 << 20, 1000)))
          .hasMessageContaining(location + "/x")
          .hasMessageContaining("replaced");
      assertFails(ErrorCode.VERIFICATION_FAILED, () -> read(input, 0, 2 << 20));
      target.delete("x");
      assertFails(ErrorCode.VERIFICATION_FAILED, () -> read(input, 0, 2 << 20));
    }
  }

  @Test
  void nothingIsAppendedToACompleteObject() {
    try (ObjectOutput output = target.create("x")) {
      output.append(ByteBuffer.allocate(10), Part.TABLES);
      output.flush();
      output.flush();
      org.assertj.core.api.Assertions.assertThatIllegalStateException()
          .isThrownBy(() -> output.append(ByteBuffer.allocate(10), Part.TABLES));
    }
    assertThat(target.length("x")).hasValue(10);
  }
}
