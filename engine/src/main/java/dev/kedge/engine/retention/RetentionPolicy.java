package dev.kedge.engine.retention;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * How many restore points each rule keeps. A rule goes from the newest to the oldest and keeps the
 * newest of each period until it has kept so many; periods without a restore point do not count,
 * and the present time plays no part. So the newest one is always kept, and a pause in the backups
 * deletes nothing. Immutable.
 */
public final class RetentionPolicy {
  /** A restore point and why it is kept; kept for no reason, it goes. */
  public record Verdict<T>(T point, List<String> reasons) {
    /** Copies the list. */
    public Verdict {
      reasons = List.copyOf(reasons);
    }

    /** Whether it stays. */
    public boolean isKept() {
      return !reasons.isEmpty();
    }
  }

  private final Map<KeepRule, Integer> counts;

  /**
   * A policy.
   *
   * @param counts how many each rule keeps
   * @throws KedgeException with USAGE where no rule keeps anything, or one has a negative number
   */
  public RetentionPolicy(Map<KeepRule, Integer> counts) {
    Map<KeepRule, Integer> copy = new EnumMap<>(KeepRule.class);
    counts.forEach((rule, count) -> {
      if (count < 0) {
        throw new KedgeException(
            ErrorCode.USAGE,
            "--keep-" + rule.label() + " " + count + ": a number from 0 is needed");
      }
      if (count > 0) {
        copy.put(rule, count);
      }
    });
    if (copy.isEmpty()) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "say what is kept: at least one of --keep-last, --keep-hourly, --keep-daily,"
              + " --keep-weekly, --keep-monthly, --keep-yearly with a number above 0");
    }
    this.counts = Collections.unmodifiableMap(copy);
  }

  /**
   * Judges restore points.
   *
   * @param oldestFirst by sequence, which orders them even where clocks went back
   * @return a verdict for each, in the same order
   */
  public <T> List<Verdict<T>> judge(List<T> oldestFirst, Function<T, Instant> createdAt) {
    List<Verdict<T>> verdicts = new ArrayList<>();
    Map<KeepRule, Set<String>> kept = new EnumMap<>(KeepRule.class);
    int position = 0;
    for (T point : oldestFirst.reversed()) {
      verdicts.add(new Verdict<>(point, reasons(createdAt.apply(point), position, kept)));
      position++;
    }
    return verdicts.reversed();
  }

  private List<String> reasons(Instant createdAt, int position, Map<KeepRule, Set<String>> kept) {
    List<String> reasons = new ArrayList<>();
    counts.forEach((rule, count) -> {
      Set<String> periods = kept.computeIfAbsent(rule, r -> new HashSet<>());
      String period = rule.period(createdAt, position);
      if (periods.size() < count && periods.add(period)) {
        reasons.add(rule.label() + " " + period);
      }
    });
    return reasons;
  }
}
