package dev.kedge.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CephErrorsTest {
  @ParameterizedTest
  @CsvSource({
    "2,NOT_FOUND,ENOENT",
    "1,PERMISSION_DENIED,EPERM",
    "13,PERMISSION_DENIED,EACCES",
    "16,BUSY,EBUSY",
    "28,TARGET_FULL,ENOSPC",
    "122,TARGET_FULL,EDQUOT",
    "110,SOURCE_UNREACHABLE,ETIMEDOUT",
    "107,SOURCE_UNREACHABLE,ENOTCONN",
    "108,SOURCE_UNREACHABLE,ESHUTDOWN",
    "5,FAILED,EIO",
    "17,FAILED,EEXIST",
    "30,FAILED,EROFS",
    "39,FAILED,ENOTEMPTY",
    "3333,FAILED,errno 3333"
  })
  void everyErrnoHasItsCodeAndIsNamedWithCallAndObject(int errno, ErrorCode code, String name) {
    KedgeException failure = CephErrors.failure("rbd_open", -errno, "image volumes/a");
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.getMessage())
        .startsWith("image volumes/a ")
        .contains("(rbd_open: " + name)
        .doesNotContain("\n");
  }

  @Test
  void aResultThatIsNotNegativeIsPassedOn() {
    assertThat(CephErrors.check(LibRbd.CLOSE, 5, "x")).isEqualTo(5);
  }
}
