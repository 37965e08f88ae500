package dev.kedge.repository;

import java.time.Duration;
import java.time.Instant;

/** Clocks that only the test moves, the two of them apart if it likes. */
final class FakeTime implements LeaseTime {
  private Instant now = Instant.parse("2026-11-23T00:00:00Z");
  private long nanos;
  private Runnable whileSleeping = () -> {};
  private Duration slept = Duration.ZERO;

  @Override
  public synchronized Instant now() {
    return now;
  }

  @Override
  public synchronized long nanoTime() {
    return nanos;
  }

  @Override
  public void sleep(Duration duration) {
    pass(duration);
    slept = slept.plus(duration);
    whileSleeping.run();
  }

  Duration slept() {
    return slept;
  }

  void whileSleeping(Runnable action) {
    whileSleeping = action;
  }

  /** Time passes. */
  synchronized void pass(Duration duration) {
    now = now.plus(duration);
    nanos += duration.toNanos();
  }

  /** The wall clock jumps; no time passes. */
  synchronized void jump(Duration duration) {
    now = now.plus(duration);
  }
}
