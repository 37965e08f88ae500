package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.engine.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * One line on a terminal, redrawn a few times a second: how far, how fast, how long still. On
 * anything else it prints notes only. Thread-safe.
 */
final class ProgressLine implements Progress {
  private static final long REDRAW_NANOS = 200_000_000L;
  private static final int BAR_CELLS = 24;

  private final PrintStream err;
  private final boolean terminal;
  private String step = "";
  private long totalBytes;
  private long doneBytes;
  private long startNanos;
  private long drawnNanos;
  private boolean drawn;

  ProgressLine(Session session) {
    this.err = session.err();
    this.terminal = session.isTerminal();
  }

  @Override
  public synchronized void begin(String newStep, long bytes) {
    clear();
    step = newStep;
    totalBytes = bytes;
    doneBytes = 0;
    startNanos = System.nanoTime();
    drawnNanos = startNanos;
  }

  @Override
  public synchronized void advance(long bytes) {
    doneBytes += bytes;
    long now = System.nanoTime();
    if (terminal && now - drawnNanos >= REDRAW_NANOS) {
      drawnNanos = now;
      draw(now);
    }
  }

  @Override
  public synchronized void note(String message) {
    clear();
    err.println("kedge: " + message);
  }

  /** Takes the line away. */
  synchronized void clear() {
    if (drawn) {
      err.print("\r\u001b[K");
      err.flush();
      drawn = false;
    }
  }

  private void draw(long now) {
    double seconds = Math.max(1e-3, (now - startNanos) / 1e9);
    double rate = doneBytes / seconds;
    double share = totalBytes == 0 ? 1 : Math.min(1.0, (double) doneBytes / totalBytes);
    int cells = (int) Math.round(share * BAR_CELLS);
    String left =
        rate < 1 ? "" : ", " + duration((long) ((totalBytes - doneBytes) / rate)) + " left";
    err.print(
        String.format(
            Locale.ROOT,
            "\r%s [%s%s] %3.0f %% of %s, %s/s%s\u001b[K",
            step,
            "#".repeat(cells),
            "-".repeat(BAR_CELLS - cells),
            share * 100,
            ByteSize.format(totalBytes),
            ByteSize.format((long) rate),
            left));
    err.flush();
    drawn = true;
  }

  private static String duration(long seconds) {
    Duration left = Duration.ofSeconds(Math.max(0, seconds));
    if (left.toHours() > 0) {
      return left.toHours() + " h " + left.toMinutesPart() + " min";
    }
    if (left.toMinutes() > 0) {
      return left.toMinutes() + " min " + left.toSecondsPart() + " s";
    }
    return left.toSeconds() + " s";
  }
}
