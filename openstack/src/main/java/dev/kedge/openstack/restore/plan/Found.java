package dev.kedge.openstack.restore.plan;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.Optional;
import java.util.function.Supplier;

/** A question whose answer may be that there is no such thing, which then is a problem. */
final class Found {
  private Found() {}

  static <T> Optional<T> of(PlanReport report, String what, Supplier<T> question) {
    try {
      return Optional.of(question.get());
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND || e.code() == ErrorCode.USAGE) {
        report.problem(what, e.getMessage());
        return Optional.empty();
      }
      throw e;
    }
  }
}
