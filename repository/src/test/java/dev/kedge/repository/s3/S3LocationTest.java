package dev.kedge.repository.s3;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3LocationTest {
  @ParameterizedTest
  @CsvSource({
    "s3://bucket, bucket, '', s3://bucket",
    "s3://bucket/, bucket, '', s3://bucket",
    "s3://my.bucket-1/a, my.bucket-1, a/, s3://my.bucket-1/a",
    "s3://bucket/a/b c/d=1//, bucket, a/b c/d=1/, s3://bucket/a/b c/d=1",
  })
  void aLocationIsABucketAndAPrefix(String text, String bucket, String prefix, String shown) {
    S3Location location = S3Location.parse(text);
    assertThat(location).isEqualTo(new S3Location(bucket, prefix)).hasToString(shown);
    assertThat(location.name(location.key("images/x"))).isEqualTo("images/x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://",
        "s3:///a",
        "s3://b",
        "s3://-bucket",
        "s3://bucket/a//b",
        "s3://bucket/..",
        "s3://bucket/a/../b",
        "s3://bucket/./a",
        "s3://bucket/a?b",
        "s3://bucket/ä",
        "s3://buck et",
        "s3://bucket:80/x",
        "s3://user@bucket",
        "s3://bucket/a\nb",
        "S3://bucket"
      })
  void whatIsNoLocationIsRefused(String text) {
    assertFails(ErrorCode.USAGE, () -> S3Location.parse(text));
  }

  @Test
  void aPrefixLeavesRoomForNames() {
    assertFails(ErrorCode.USAGE, () -> S3Location.parse("s3://bucket/" + "a".repeat(801)));
    S3Location.parse("s3://bucket/" + "a".repeat(800));
  }

  @Test
  void thePartsOfAnObjectSufficeForTheLongestOne() {
    assertThat(PartLimits.DEFAULT.maxLengthBytes()).isGreaterThanOrEqualTo(5L << 40);
    assertThat(PartLimits.DEFAULT.gatheredBytes()).isLessThan(5L << 30);
    assertThat(PartLimits.DEFAULT.gatheredBytes() / PartLimits.DEFAULT.partBytes())
        .isLessThan(PartLimits.DEFAULT.directParts());
  }
}
