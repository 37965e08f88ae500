package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Looks at an object again and again until it is as wanted. Thread-safe. */
public final class Waiter {
  private static final Duration FIRST_INTERVAL = Duration.ofMillis(500);
  private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(3);

  /**
   * What was seen.
   *
   * @param status the API's word
   * @param detail what it says of an error; may be empty
   */
  public record State(String status, String detail) {}

  private final Duration timeout;
  private final CancelToken cancel;
  private final Consumer<String> progress;
  private final Pause pause;

  /**
   * A waiter.
   *
   * @param timeout how long to wait in all for one thing
   * @param cancel looked at before each look
   * @param progress told the first state, and each new one
   */
  public Waiter(Duration timeout, CancelToken cancel, Consumer<String> progress) {
    this(timeout, cancel, progress, Pause.real());
  }

  Waiter(Duration timeout, CancelToken cancel, Consumer<String> progress, Pause pause) {
    this.timeout = timeout;
    this.cancel = cancel;
    this.progress = progress;
    this.pause = pause;
  }

  /**
   * Waits for one of the wanted statuses; upper and lower case do not matter.
   *
   * @param what the object, for messages: {@code server web1}
   * @throws KedgeException FAILED when it goes to a status that starts with "error", or when the
   *     time is over; INTERRUPTED on cancel
   */
  public <T> T until(String what, Supplier<T> look, Function<T, State> state, Set<String> wanted) {
    Optional<T> found =
        poll(
            what,
            () -> Optional.of(look.get()),
            state,
            seen -> wanted.stream().anyMatch(seen::equalsIgnoreCase));
    return found.orElseThrow();
  }

  /** Waits until there is nothing any more; throws as {@link #until}. */
  public <T> void untilGone(String what, Supplier<Optional<T>> look, Function<T, State> state) {
    poll(what, look, state, seen -> false);
  }

  private <T> Optional<T> poll(
      String what,
      Supplier<Optional<T>> look,
      Function<T, State> state,
      Function<String, Boolean> isWanted) {
    Duration waited = Duration.ZERO;
    Duration interval = FIRST_INTERVAL;
    String last = "";
    while (true) {
      cancel.check();
      Optional<T> found = look.get();
      if (found.isEmpty()) {
        return found;
      }
      State seen = state.apply(found.get());
      if (isWanted.apply(seen.status())) {
        return found;
      }
      if (!seen.status().equals(last)) {
        last = seen.status();
        progress.accept(what + " is " + last);
      }
      refuseError(what, seen);
      if (waited.compareTo(timeout) >= 0) {
        throw new KedgeException(
            ErrorCode.FAILED,
            "%s is still %s after %d s".formatted(what, last, timeout.toSeconds()));
      }
      pause.sleep(interval);
      waited = waited.plus(interval);
      interval = min(interval.multipliedBy(3).dividedBy(2), LONGEST_INTERVAL);
    }
  }

  private static void refuseError(String what, State seen) {
    if (seen.status().toLowerCase(Locale.ROOT).startsWith("error")) {
      throw new KedgeException(
          ErrorCode.FAILED,
          what
              + " went to "
              + seen.status()
              + (seen.detail().isEmpty() ? "" : ": " + seen.detail()));
    }
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
