package dev.kedge.openstack.client;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a request is sent again, and after which time. Thread-safe.
 *
 * <p>429 and 503 mean that the service did not begin; 502 and 504, a dropped connection and a
 * timeout leave open whether it did, so then only a repeatable request goes again.
 */
final class RetryPolicy {
  private static final int MAX_ATTEMPTS = 6;

  /** A request that took a whole timeout is not worth five more. */
  private static final int MAX_TIMEOUTS = 2;

  private static final Duration FIRST_WAIT = Duration.ofMillis(500);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);

  /** A service that wants to be left alone for longer gets its error shown. */
  private static final Duration LONGEST_ASKED = Duration.ofSeconds(60);

  private final RandomGenerator random;
  private final Clock clock;

  RetryPolicy(RandomGenerator random, Clock clock) {
    this.random = random;
    this.clock = clock;
  }

  /** The wait before the next attempt; empty where there is none. */
  Optional<Duration> afterAnswer(int attempt, ApiRequest request, ApiResponse response) {
    boolean again =
        switch (response.status()) {
          case 429, 503 -> true;
          case 502, 504 -> request.repeatable();
          default -> false;
        };
    if (!again || attempt >= MAX_ATTEMPTS) {
      return Optional.empty();
    }
    Duration asked = asked(response.header("Retry-After"));
    if (asked.compareTo(LONGEST_ASKED) > 0) {
      return Optional.empty();
    }
    Duration own = backOff(attempt);
    return Optional.of(asked.compareTo(own) > 0 ? asked : own);
  }

  /** The wait after a connection failed before anything was sent. */
  Optional<Duration> afterRefusal(int attempt) {
    return attempt >= MAX_ATTEMPTS ? Optional.empty() : Optional.of(backOff(attempt));
  }

  /** The wait after a connection broke with the request on its way. */
  Optional<Duration> afterDrop(int attempt, ApiRequest request) {
    return request.repeatable() ? afterRefusal(attempt) : Optional.empty();
  }

  /** The wait after no answer came in time. */
  Optional<Duration> afterTimeout(int attempt, ApiRequest request) {
    return attempt < MAX_TIMEOUTS ? afterDrop(attempt, request) : Optional.empty();
  }

  /** Doubles; the upper half is left to chance, so that clients do not come back together. */
  private Duration backOff(int attempt) {
    long millis = Math.min(FIRST_WAIT.toMillis() << (attempt - 1), LONGEST_WAIT.toMillis());
    return Duration.ofMillis(millis / 2 + random.nextLong(millis / 2 + 1));
  }

  /** Seconds, or a date (RFC 9110, 10.2.3); zero where it is neither. */
  private Duration asked(String retryAfter) {
    try {
      return retryAfter.matches("\\d{1,9}")
          ? Duration.ofSeconds(Long.parseLong(retryAfter))
          : Duration.between(
              clock.instant(),
              ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
  }
}
