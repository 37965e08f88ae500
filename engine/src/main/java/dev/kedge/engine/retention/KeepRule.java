package dev.kedge.engine.retention;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** By what a restore point is kept: as the newest of its hour, day, and so on, all in UTC. */
public enum KeepRule {
  /** The newest ones, whenever they were made. */
  LAST,
  /** The newest of an hour. */
  HOURLY,
  /** The newest of a day. */
  DAILY,
  /** The newest of an ISO week, which begins on Monday. */
  WEEKLY,
  /** The newest of a month. */
  MONTHLY,
  /** The newest of a year. */
  YEARLY;

  private static final DateTimeFormatter HOUR =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH", Locale.ROOT);

  /** What restore points have in common of which this rule keeps the newest only. */
  String period(Instant createdAt, int position) {
    ZonedDateTime at = createdAt.atZone(ZoneOffset.UTC);
    return switch (this) {
      case LAST -> Integer.toString(position + 1);
      case HOURLY -> HOUR.format(at) + "h";
      case DAILY -> at.toLocalDate().toString();
      case WEEKLY ->
          "%d-W%02d"
              .formatted(
                  at.get(IsoFields.WEEK_BASED_YEAR), at.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case MONTHLY -> "%d-%02d".formatted(at.getYear(), at.getMonthValue());
      case YEARLY -> Integer.toString(at.getYear());
    };
  }

  /** As the command line calls it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
