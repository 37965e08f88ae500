package dev.kedge.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as the command line prints them: UTC, to the second. */
final class Times {
  private Times() {}

  static String seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
