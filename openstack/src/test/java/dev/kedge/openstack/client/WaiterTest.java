package dev.kedge.openstack.client;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.engine.CancelToken;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WaiterTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final RecordedPauses pauses = new RecordedPauses();
  private final CancelToken cancel = new CancelToken();
  private final List<String> told = new ArrayList<>();
  private final Waiter waiter = new Waiter(MINUTE, cancel, told::add, pauses);

  private String waitFor(String wanted, String... statuses) {
    Deque<String> seen = new ArrayDeque<>(List.of(statuses));
    return waiter.until(
        "server web",
        () -> seen.size() > 1 ? seen.remove() : seen.element(),
        status -> new Waiter.State(status, "no host has room"),
        Set.of(wanted));
  }

  @Test
  void theWantedStatusEndsTheWait() {
    assertThat(waitFor("active", "BUILD", "BUILD", "ACTIVE")).isEqualTo("ACTIVE");
    assertThat(told).containsExactly("server web is BUILD");
    assertThat(pauses.pauses()).hasSize(2);
  }

  @Test
  void anErrorEndsTheWaitWithItsReason() {
    assertThat(assertFails(ErrorCode.FAILED, () -> waitFor("active", "BUILD", "ERROR")))
        .hasMessage("server web went to ERROR: no host has room");
    assertFails(ErrorCode.FAILED, () -> waitFor("available", "error_restoring"));
  }

  @Test
  void anErrorThatIsWantedIsNone() {
    assertThat(waitFor("error", "error")).isEqualTo("error");
  }

  @Test
  void theWaitIsBounded() {
    assertThat(assertFails(ErrorCode.FAILED, () -> waitFor("active", "BUILD")))
        .hasMessage("server web is still BUILD after 60 s");
    Duration all = pauses.pauses().stream().reduce(Duration.ZERO, Duration::plus);
    assertThat(all).isBetween(MINUTE, MINUTE.plusSeconds(3));
  }

  @Test
  void cancellingEndsTheWait() {
    cancel.cancel();
    assertFails(ErrorCode.INTERRUPTED, () -> waitFor("active", "BUILD"));
  }

  @Test
  void whatIsGoneIsGone() {
    Deque<Optional<String>> seen =
        new ArrayDeque<>(List.of(Optional.of("deleting"), Optional.empty()));
    waiter.untilGone("volume", seen::remove, status -> new Waiter.State(status, ""));
    assertThat(seen).isEmpty();
    assertThat(
            assertFails(
                ErrorCode.FAILED,
                () ->
                    waiter.untilGone(
                        "volume",
                        () -> Optional.of("error_deleting"),
                        status -> new Waiter.State(status, ""))))
        .hasMessage("volume went to error_deleting");
  }
}
