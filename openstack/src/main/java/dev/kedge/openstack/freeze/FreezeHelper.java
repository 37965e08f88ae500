package dev.kedge.openstack.freeze;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The process that freezes and thaws guests for kedge. Its words come by standard input, a line
 * each: any number of guests ({@link StandStill#toLine}), {@code limit MILLISECONDS}, {@code
 * freeze}, {@code thaw}. It answers the last three with {@code ready}, {@code frozen} or {@code
 * failed MESSAGE}, {@code thawed} or {@code late}: that one where the limit was over before. When
 * its input ends it thaws what it froze, and ends.
 */
public final class FreezeHelper {
  static final String LIMIT = "limit ";
  static final String FREEZE = "freeze";
  static final String THAW = "thaw";
  static final String READY = "ready";
  static final String FROZEN = "frozen";
  static final String FAILED = "failed ";
  static final String THAWED = "thawed";
  static final String LATE = "late";

  private static final String END = "end";
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final PrintStream out;
  private final PrintStream err;
  private final List<Guest> guests = new ArrayList<>();
  private Duration limit = Duration.ZERO;
  private boolean frozen;
  private boolean late;
  private long endNanos;

  private FreezeHelper(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** The process. */
  public static void main(String[] args) {
    FreezeHelper helper = new FreezeHelper(System.out, System.err);
    CountDownLatch done = new CountDownLatch(1);
    // A service manager that stops kedge sends SIGTERM to this process, too: it ends with kedge.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> await(done)));
    Thread reader = new Thread(() -> helper.read(System.in), "reader");
    reader.setDaemon(true);
    reader.start();
    try {
      helper.run();
    } finally {
      done.countDown();
    }
  }

  private static void await(CountDownLatch done) {
    try {
      done.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read(java.io.InputStream input) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8))) {
      while (true) {
        String line = reader.readLine();
        lines.add(Objects.requireNonNullElse(line, END));
        if (line == null) {
          return;
        }
      }
    } catch (IOException e) {
      lines.add(END);
    }
  }

  private void run() {
    while (true) {
      String line = next();
      if (line == null) {
        late = true;
        thaw();
      } else if (line.equals(END)) {
        thaw();
        return;
      } else {
        obey(line);
      }
    }
  }

  /** The next line; null where the guests have been frozen for too long. */
  private @Nullable String next() {
    try {
      return frozen ? lines.poll(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS) : lines.take();
    } catch (InterruptedException e) {
      return END;
    }
  }

  private void obey(String line) {
    if (line.startsWith(LIMIT)) {
      limit = Duration.ofMillis(Long.parseLong(line.substring(LIMIT.length())));
      say(READY);
    } else if (line.equals(FREEZE)) {
      freeze();
    } else if (line.equals(THAW)) {
      thaw();
      say(late ? LATE : THAWED);
    } else {
      guests.add(StandStill.parse(line).guest());
    }
  }

  private void freeze() {
    frozen = true;
    endNanos = System.nanoTime() + limit.toNanos();
    try {
      new Guests(guests).freeze(limit);
      say(FROZEN);
    } catch (RuntimeException e) {
      say(FAILED + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
    }
  }

  private void thaw() {
    if (!frozen) {
      return;
    }
    frozen = false;
    try {
      new Guests(guests).thaw(PATIENCE);
    } catch (RuntimeException e) {
      err.println(
          "kedge: a guest may still stand still, nothing could be done for "
              + PATIENCE.toMinutes()
              + " minutes: "
              + e.getMessage());
    }
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }
}
