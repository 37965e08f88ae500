package dev.kedge.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts what a user would see. */
public final class Failures {
  private Failures() {}

  /** Checks for a failure of this code, told in one line. */
  public static KedgeException assertFails(ErrorCode code, ThrowingCallable call) {
    KedgeException failure = Assertions.catchThrowableOfType(KedgeException.class, call);
    assertThat(failure).isNotNull();
    assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
    assertThat(failure.getMessage()).doesNotContain("\n");
    return failure;
  }
}
