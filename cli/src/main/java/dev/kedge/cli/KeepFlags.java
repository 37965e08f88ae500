package dev.kedge.cli;

import dev.kedge.engine.retention.KeepRule;
import dev.kedge.engine.retention.RetentionPolicy;
import java.util.EnumMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** What a policy keeps. */
final class KeepFlags {
  private final Map<KeepRule, Integer> counts = new EnumMap<>(KeepRule.class);

  @Option(names = "--keep-last", paramLabel = "N", description = "the N newest")
  void last(int count) {
    counts.put(KeepRule.LAST, count);
  }

  @Option(
      names = "--keep-hourly",
      paramLabel = "N",
      description = "the newest of each of the last N hours that have one")
  void hourly(int count) {
    counts.put(KeepRule.HOURLY, count);
  }

  @Option(names = "--keep-daily", paramLabel = "N", description = "the same for days")
  void daily(int count) {
    counts.put(KeepRule.DAILY, count);
  }

  @Option(
      names = "--keep-weekly",
      paramLabel = "N",
      description = "the same for weeks, from Monday on")
  void weekly(int count) {
    counts.put(KeepRule.WEEKLY, count);
  }

  @Option(names = "--keep-monthly", paramLabel = "N", description = "the same for months")
  void monthly(int count) {
    counts.put(KeepRule.MONTHLY, count);
  }

  @Option(names = "--keep-yearly", paramLabel = "N", description = "the same for years")
  void yearly(int count) {
    counts.put(KeepRule.YEARLY, count);
  }

  RetentionPolicy policy() {
    return new RetentionPolicy(counts);
  }
}
