package dev.kedge.openstack.freeze;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Several guests, each by a thread of its own. For one thread. */
final class Guests {
  /** How long one attempt to thaw may take. */
  private static final Duration THAW_ATTEMPT = Duration.ofSeconds(10);

  private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(500);

  private final List<Guest> guests;

  Guests(List<Guest> guests) {
    this.guests = List.copyOf(guests);
  }

  /** Freezes all; throws the first failure after all have ended. */
  void freeze(Duration timeout) {
    all(guest -> guest.freeze(timeout));
  }

  /** Thaws all, each again and again until it succeeds or the time is over. */
  void thaw(Duration patience) {
    all(guest -> thaw(guest, patience));
  }

  private static void thaw(Guest guest, Duration patience) {
    long endNanos = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        guest.thaw(THAW_ATTEMPT);
        return;
      } catch (RuntimeException e) {
        if (System.nanoTime() - endNanos > 0) {
          throw e;
        }
      }
      sleep();
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(BETWEEN_ATTEMPTS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KedgeException(ErrorCode.INTERRUPTED, "stopped while guests were thawed", e);
    }
  }

  private void all(Consumer<Guest> work) {
    List<Thread> threads = new ArrayList<>();
    List<RuntimeException> failures = new ArrayList<>();
    for (Guest guest : guests) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  work.accept(guest);
                } catch (RuntimeException e) {
                  synchronized (failures) {
                    failures.add(e);
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      join(thread);
    }
    throwFirst(failures);
  }

  /** An interrupt must not leave a guest behind in an unknown state. */
  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void throwFirst(List<RuntimeException> failures) {
    @Nullable RuntimeException first = null;
    synchronized (failures) {
      for (RuntimeException failure : failures) {
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
