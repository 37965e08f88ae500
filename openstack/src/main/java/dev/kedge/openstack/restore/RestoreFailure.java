package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.restore.plan.PlanLine;
import dev.kedge.openstack.restore.plan.PlanReport;
import java.util.List;
import java.util.stream.Collectors;

/** What people are told of a restore that is refused or failed. */
final class RestoreFailure {
  private RestoreFailure() {}

  /** Refuses a plan with problems, naming all of them. */
  static void refuse(PlanReport report) {
    List<PlanLine> problems = report.problems();
    if (!problems.isEmpty()) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "nothing was touched, because it cannot work: "
              + problems.stream().map(PlanLine::toString).collect(Collectors.joining("; ")));
    }
  }

  /** After a clean-up. */
  static KedgeException cleaned(Exception cause, List<String> left) {
    String end =
        left.isEmpty()
            ? "; everything that was made is removed again"
            : "; these could not be removed, run it again with --clean-up: "
                + String.join("; ", left);
    return failure(cause, end);
  }

  /** Where what was made is kept. */
  static KedgeException kept(Exception cause) {
    return failure(
        cause, "; what was made is kept: go on with --resume, or remove it with --clean-up");
  }

  private static KedgeException failure(Exception cause, String end) {
    ErrorCode code = cause instanceof KedgeException known ? known.code() : ErrorCode.FAILED;
    String what = cause instanceof KedgeException ? cause.getMessage() : cause.toString();
    return new KedgeException(code, what + end, cause);
  }
}
