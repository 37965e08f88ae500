package dev.kedge.repository;

import java.time.Duration;

/**
 * How long a lease holds. Its safety does not rest on these: a stale writer cannot commit however
 * the clocks run. They decide how soon another writer may take over.
 *
 * @param duration how long a lease holds after its last renewal
 * @param renewEvery how often it is renewed
 * @param unchangedFor how long a lease that looks expired is watched before it is taken; longer
 *     than {@code renewEvery}, so that a living owner with a wrong clock is noticed
 */
record LeaseTimes(Duration duration, Duration renewEvery, Duration unchangedFor) {
  static final LeaseTimes DEFAULT =
      new LeaseTimes(Duration.ofSeconds(60), Duration.ofSeconds(15), Duration.ofSeconds(20));
}
