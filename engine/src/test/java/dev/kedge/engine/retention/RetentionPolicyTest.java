package dev.kedge.engine.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.retention.RetentionPolicy.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RetentionPolicyTest {
  private static List<String> kept(Map<KeepRule, Integer> rules, String... times) {
    return judge(rules, Stream.of(times).map(Instant::parse).toList()).stream()
        .filter(Verdict::isKept)
        .map(verdict -> verdict.point() + " " + String.join(", ", verdict.reasons()))
        .toList();
  }

  private static List<Verdict<Instant>> judge(Map<KeepRule, Integer> rules, List<Instant> times) {
    return new RetentionPolicy(rules).judge(times, time -> time);
  }

  @Test
  void aRuleKeepsTheNewestOfEachPeriodAndSaysWhich() {
    assertThat(
            kept(
                Map.of(KeepRule.DAILY, 2),
                "2026-11-23T10:00:00Z",
                "2026-11-24T08:00:00Z",
                "2026-11-24T20:00:00Z",
                "2026-11-25T06:00:00Z"))
        .containsExactly(
            "2026-11-24T20:00:00Z daily 2026-11-24", "2026-11-25T06:00:00Z daily 2026-11-25");
  }

  @Test
  void periodsAreThoseOfUtcAndIsoWeeks() {
    // The last Monday of the year begins the first week of the next one.
    assertThat(
            kept(
                Map.of(KeepRule.WEEKLY, 2, KeepRule.YEARLY, 2),
                "2024-12-29T23:59:59Z",
                "2024-12-30T00:00:00Z",
                "2025-01-01T00:00:00Z"))
        .containsExactly(
            "2024-12-29T23:59:59Z weekly 2024-W52",
            "2024-12-30T00:00:00Z yearly 2024",
            "2025-01-01T00:00:00Z weekly 2025-W01, yearly 2025");
  }

  @Test
  void aPauseInTheBackupsDeletesNothing() {
    assertThat(kept(Map.of(KeepRule.HOURLY, 2), "2020-01-01T00:30:00Z", "2026-11-25T06:00:00Z"))
        .hasSize(2);
  }

  @Test
  void aClockThatWentBackCountsNoPeriodTwice() {
    List<String> kept =
        kept(
            Map.of(KeepRule.DAILY, 2),
            "2026-11-20T00:00:00Z",
            "2026-11-25T00:00:00Z",
            "2026-11-24T00:00:00Z",
            "2026-11-25T01:00:00Z");
    assertThat(kept)
        .containsExactly(
            "2026-11-24T00:00:00Z daily 2026-11-24", "2026-11-25T01:00:00Z daily 2026-11-25");
  }

  @Test
  void theNewestIsKeptByEveryRule() {
    Random random = new Random(3);
    for (int i = 0; i < 500; i++) {
      List<Instant> times = new ArrayList<>();
      for (int n = random.nextInt(20); n >= 0; n--) {
        times.add(Instant.EPOCH.plus(Duration.ofMinutes(random.nextInt(4_000_000))));
      }
      for (KeepRule rule : KeepRule.values()) {
        int count = 1 + random.nextInt(5);
        List<Verdict<Instant>> verdicts = judge(Map.of(rule, count), times);
        assertThat(verdicts.getLast().isKept()).isTrue();
        assertThat(verdicts.stream().filter(Verdict::isKept).count()).isBetween(1L, (long) count);
        assertThat(verdicts.stream().map(Verdict::point)).isEqualTo(times);
      }
    }
  }

  @Test
  void aPolicyThatKeepsNothingIsNone() {
    assertThatThrownBy(() -> new RetentionPolicy(Map.of()))
        .isInstanceOf(KedgeException.class)
        .hasMessageContaining("--keep-last");
    assertThatThrownBy(() -> new RetentionPolicy(Map.of(KeepRule.DAILY, 0)))
        .hasMessageContaining("--keep-daily");
    assertThatThrownBy(() -> new RetentionPolicy(Map.of(KeepRule.DAILY, -1)))
        .hasMessageContaining("-1");
  }

  @Test
  void nothingIsJudgedWhereThereIsNothing() {
    assertThat(judge(Map.of(KeepRule.LAST, 1), List.of())).isEmpty();
  }
}
