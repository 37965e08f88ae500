package dev.kedge.openstack.freeze;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Freezes guests for a moment, through a process that thaws them should this one die. Called in the
 * order {@link #start}, {@link #arm}, {@link #freeze}, {@link #thaw}, {@link #close}. For one
 * thread.
 */
public final class Freezer implements AutoCloseable {
  /** A JVM on a busy machine. */
  private static final Duration START = Duration.ofSeconds(60);

  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Duration THAW = Duration.ofSeconds(60);
  private static final String GONE = "gone";
  private static final Set<String> ANSWERS_TO_THAW =
      Set.of(FreezeHelper.THAWED, FreezeHelper.LATE, GONE);

  private final Process process;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private List<StandStill> guests = List.of();
  private Duration limit = Duration.ZERO;
  private boolean frozen;

  private Freezer(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "freeze helper");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts the helper, in a session of its own so that no signal to kedge's terminal or process
   * group reaches it. Returns at once.
   */
  public static Freezer start() {
    ProcessBuilder builder =
        new ProcessBuilder(
            "setsid",
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:+UseSerialGC",
            "-Xms4m",
            "-Xmx24m",
            "-XX:ReservedCodeCacheSize=16m",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            FreezeHelper.class.getName());
    builder.redirectError(Redirect.INHERIT);
    try {
      return new Freezer(builder.start());
    } catch (IOException e) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "the helper that thaws guests whatever happens cannot be started, so none is frozen: "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Gets ready to freeze these guests.
   *
   * @param atMost after that long they are thawed, whatever happens
   */
  public void arm(List<StandStill> toFreeze, Duration atMost) {
    guests = List.copyOf(toFreeze);
    limit = atMost;
    for (StandStill guest : guests) {
      say(guest.toLine());
    }
    say(FreezeHelper.LIMIT + atMost.toMillis());
    String answer = answer(START);
    if (!FreezeHelper.READY.equals(answer)) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "the helper that thaws guests whatever happens does not answer, so none is frozen");
    }
  }

  /**
   * Freezes the guests; call {@link #thaw} also where this throws.
   *
   * @throws KedgeException where not all stand still
   */
  public void freeze() {
    frozen = true;
    say(FreezeHelper.FREEZE);
    String answer = answer(limit.plus(ANSWER));
    if (answer == null || answer.equals(GONE)) {
      throw new KedgeException(ErrorCode.FAILED, "the helper that freezes guests has gone");
    }
    if (!answer.equals(FreezeHelper.FROZEN)) {
      throw new KedgeException(
          ErrorCode.FAILED,
          answer.startsWith(FreezeHelper.FAILED)
              ? answer.substring(FreezeHelper.FAILED.length())
              : "the helper that freezes guests said " + answer);
    }
  }

  /**
   * Thaws the guests.
   *
   * @return whether they stood still until now; false where the time was over before
   * @throws KedgeException where a guest may still be frozen; the helper goes on trying for minutes
   */
  public boolean thaw() {
    if (!frozen) {
      return true;
    }
    say(FreezeHelper.THAW);
    String answer = answer(THAW);
    // An answer to "freeze" that nobody waited for any more may come first.
    while (answer != null && !ANSWERS_TO_THAW.contains(answer)) {
      answer = answer(THAW);
    }
    if (answer == null) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "a guest may still stand still: kedge's helper goes on for ten minutes; look at it with 'virsh domstate', 'virsh domfsthaw' or 'openstack server unpause'");
    }
    if (answer.equals(GONE)) {
      new Guests(guests.stream().map(StandStill::guest).toList()).thaw(THAW);
    }
    frozen = false;
    return answer.equals(FreezeHelper.THAWED);
  }

  /** The helper's process. */
  Process helper() {
    return process;
  }

  private void say(String line) {
    try {
      OutputStream input = process.getOutputStream();
      input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      input.flush();
    } catch (IOException e) {
      // It has gone; the missing answer says so.
      answers.add(GONE);
    }
  }

  private @Nullable String answer(Duration patience) {
    boolean interrupted = false;
    long endNanos = System.nanoTime() + patience.toNanos();
    try {
      while (true) {
        try {
          return answers.poll(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void read() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = reader.readLine();
      while (line != null) {
        answers.add(line);
        line = reader.readLine();
      }
    } catch (IOException e) {
      // The same as its end.
    }
    answers.add(GONE);
  }

  /** Ends the helper, which first thaws what it froze. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // It has gone already.
    }
  }
}
