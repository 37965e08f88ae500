package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.verify.VerifyScope;
import dev.kedge.repository.Repository;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code kedge verify} reads. */
final class VerifyFlags {
  private static final Pattern SHARE = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,6})?) ?%?");

  @Option(names = "--all", description = "every restore point of every image, whole")
  private boolean all;

  @Option(
      names = "--since",
      paramLabel = "AGE|TIME",
      description = "those made since then: 36h, 7d, 2w, 2026-01-31")
  private @Nullable String since;

  @Option(
      names = "--sample",
      paramLabel = "SHARE",
      description = {
        "so much of the data of each, as in 5%%; the next run goes on where this one",
        "ends, so that twenty runs of 5%% read everything"
      })
  private @Nullable String sample;

  @Option(
      names = "--outdated-after",
      paramLabel = "AGE",
      description = "leave out what was proven since then, as in 30d")
  private @Nullable String outdatedAfter;

  @Option(names = "--resume", description = "go on with the --all that was interrupted")
  private boolean resume;

  @Option(
      names = "--max-rate",
      paramLabel = "RATE",
      description = "read at most this many bytes a second, as in 50M")
  private @Nullable String maxRate;

  /** Whether it is about the whole repository. */
  boolean isRepository() {
    return all || since != null || sample != null;
  }

  /** Refuses what goes together with one restore point or with none. */
  void check(@Nullable String point, Instant now) {
    if ((point == null) == !isRepository()) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "name either one restore point, or --all, --since or --sample, as in 'kedge verify --all'");
    }
    if (point != null && (resume || outdatedAfter != null)) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "--resume and --outdated-after are for many restore points, not for one");
    }
    if (resume && (!all || sample != null || outdatedAfter != null || since != null)) {
      throw new KedgeException(
          ErrorCode.USAGE, "--resume goes with --all alone; each --sample goes on by itself");
    }
    checkValues(now);
  }

  private void checkValues(Instant now) {
    share();
    maxBytesPerSecond();
    takenSince(now);
    outdated(now);
  }

  private @Nullable Instant takenSince(Instant now) {
    return since == null ? null : Times.past("--since", since, now);
  }

  private @Nullable Instant outdated(Instant now) {
    return outdatedAfter == null ? null : Times.past("--outdated-after", outdatedAfter, now);
  }

  /** The scope, where it is about the whole repository. */
  VerifyScope scope(Repository repository, Instant now) {
    Instant provenSince = outdated(now);
    if (resume) {
      // Where nothing was interrupted, this one begins now.
      provenSince = repository.interruptedVerification().orElse(null);
    }
    return new VerifyScope(takenSince(now), provenSince, share());
  }

  private double share() {
    if (sample == null) {
      return 1;
    }
    Matcher matcher = SHARE.matcher(sample);
    double percent = matcher.matches() ? Double.parseDouble(matcher.group(1)) : 0;
    if (!(percent > 0 && percent <= 100)) {
      throw new KedgeException(
          ErrorCode.USAGE, "--sample " + sample + ": use a share above 0 and up to 100%, as in 5%");
    }
    return percent / 100;
  }

  /** 0 for no limit. */
  long maxBytesPerSecond() {
    return LayerFlags.bytesPerSecond(maxRate);
  }
}
