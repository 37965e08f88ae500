package dev.kedge.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Duration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Assertions about what a user is told. */
final class Failures {
  private Failures() {}

  /** Asserts that the action fails with this code, and in one line. */
  static AbstractThrowableAssert<?, ? extends Throwable> assertFails(
      ErrorCode code, ThrowingCallable action) {
    KedgeException failure = catchThrowableOfType(KedgeException.class, action);
    assertThat(failure).as("must fail with %s", code).isNotNull();
    assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
    assertThat(failure.getMessage()).doesNotContain("\n");
    return assertThat((Throwable) failure);
  }

  /** The same for what fails only once some other process knows of it, within a minute. */
  static AbstractThrowableAssert<?, ? extends Throwable> assertFailsSoon(
      ErrorCode code, ThrowingCallable action) {
    long endNanos = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    return assertFails(
        code,
        () -> {
          while (System.nanoTime() < endNanos) {
            action.call();
          }
        });
  }
}
