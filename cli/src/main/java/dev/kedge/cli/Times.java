package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as the command line prints them: UTC, to the second. */
final class Times {
  private static final Pattern AGE = Pattern.compile("([0-9]{1,6})([hdw])");

  private Times() {}

  /**
   * A moment in the past as users name it: an age such as {@code 36h}, {@code 7d} or {@code 2w}, a
   * day, or a time with its zone.
   *
   * @throws KedgeException with USAGE for anything else
   */
  static Instant past(String option, String text, Instant now) {
    Matcher age = AGE.matcher(text);
    try {
      if (age.matches()) {
        long count = Long.parseLong(age.group(1));
        return now.minus(Duration.ofHours(Math.multiplyExact(count, hours(age.group(2)))));
      }
      return text.contains("T")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      throw new KedgeException(
          ErrorCode.USAGE,
          option
              + " "
              + text
              + ": use an age such as 36h, 7d or 2w, a day such as 2026-01-31 (UTC), or a time"
              + " such as 2026-01-31T12:00:00Z",
          e);
    }
  }

  private static long hours(String unit) {
    return switch (unit) {
      case "h" -> 1;
      case "d" -> 24;
      default -> 7 * 24;
    };
  }

  static String seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
