package dev.kedge.repository.s3;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.qcow2.AppendOutput.Part;
import dev.kedge.repository.LabS3;
import dev.kedge.repository.ObjectInput;
import dev.kedge.repository.ObjectOutput;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects that are made of ranges of others, and of ones in whose place they come. */
@Tag("s3")
class S3RangeCopyTest {
  private static final int MIB = 1 << 20;
  private static final int PART_BYTES = 5 * MIB;
  private static final int HEADER_BYTES = 4096;

  private final String location = LabS3.newLocation();
  private final S3Target target = target(PartLimits.DEFAULT);

  private S3Target target(PartLimits limits) {
    return S3Target.open(location, LabS3.options(LabS3.endpoint()), limits);
  }

  private static byte[] random(int lengthBytes, long seed) {
    byte[] bytes = new byte[lengthBytes];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private void put(String name, byte[] bytes) {
    try (ObjectOutput output = target.create(name)) {
      output.append(ByteBuffer.wrap(bytes), Part.PLAIN_CLUSTERS);
      output.flush();
    }
  }

  private void assertHolds(String name, byte[] expected, String when) {
    try (ObjectInput input = target.open(name)) {
      assertThat(input.lengthBytes()).as(when).isEqualTo(expected.length);
      ByteBuffer piece = ByteBuffer.allocate(MIB);
      for (int at = 0; at < expected.length; at += piece.limit()) {
        piece.clear().limit(Math.min(MIB, expected.length - at));
        input.readFully(at, piece);
        assertThat(piece.flip().mismatch(ByteBuffer.wrap(expected, at, piece.limit())))
            .as("%s, from byte %d on", when, at)
            .isNegative();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void appendedAndCopiedBytesFollowOneAnother(long seed) {
    Random random = new Random(seed);
    byte[][] sources = {random(28 * MIB + 77, seed), random(25 * MIB, ~seed)};
    put("a/0", sources[0]);
    put("a/1", sources[1]);
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.writeBytes(random(HEADER_BYTES, 9));
    // In the third case parts are gathered soon.
    PartLimits limits = seed == 3 ? new PartLimits(PART_BYTES, 4, 11 * MIB) : PartLimits.DEFAULT;
    try (ObjectOutput output = target(limits).createReplacement("a/1")) {
      output.reserveHeader(HEADER_BYTES);
      for (int i = 0; i < 3; i++) {
        byte[] own = random(random.nextInt(i % 2 == 0 ? 100_000 : 6 * MIB), i);
        expected.writeBytes(own);
        output.append(ByteBuffer.wrap(own), Part.TABLES);
        int from = random.nextInt(2);
        int length = (int) output.leastCopyBytes() + random.nextInt(4 * MIB);
        int position = random.nextInt(sources[from].length - length);
        expected.write(sources[from], position, length);
        output.copyRange("a/" + from, position, length);
      }
      output.writeHeader(ByteBuffer.wrap(random(HEADER_BYTES, 9)));
      assertThat(output.lengthBytes()).isEqualTo(expected.size());
      output.flush();
    }
    assertHolds("a/1", expected.toByteArray(), "seed " + seed);
    assertThat(target.sweep("a/", Instant.MAX)).isEmpty();
    assertThat(target.list("a/")).hasSize(2);
  }

  @Test
  void aRangeThatIsNotThereIsNotCopied() {
    put("a/x", random(30 * MIB, 1));
    try (ObjectOutput output = target.createReplacement("a/y")) {
      assertThat(
              assertFails(
                  ErrorCode.VERIFICATION_FAILED,
                  () -> output.copyRange("a/x", 10 * MIB, 20 * MIB + 1)))
          .hasMessageContaining("a/x");
      assertFails(ErrorCode.NOT_FOUND, () -> output.copyRange("a/z", 0, 20 * MIB));
    }
    assertThat(target.exists("a/y")).isFalse();
    assertThat(target.sweep("a/", Instant.MAX)).isEmpty();
  }

  @Test
  void whoeverSweepsEndsAnUnfinishedReplacementForGood() {
    byte[] old = random(1000, 1);
    put("a/x", old);
    for (int lengthBytes : new int[] {10, 12 * MIB}) {
      ObjectOutput delayed = target.createReplacement("a/x");
      delayed.append(ByteBuffer.allocate(lengthBytes), Part.PLAIN_CLUSTERS);
      assertThat(target(PartLimits.DEFAULT).sweep("a/x", Instant.MAX)).hasSize(1);
      assertFails(ErrorCode.TARGET_UNREACHABLE, delayed::flush);
      delayed.close();
      assertHolds("a/x", old, "of " + lengthBytes);
    }
    assertThat(target.sweep("a/", Instant.MAX)).isEmpty();
  }
}
