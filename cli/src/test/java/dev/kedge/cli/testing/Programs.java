package dev.kedge.cli.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs other programs, for a second opinion. */
public final class Programs {
  private Programs() {}

  /** The end of a program, with its two outputs as one. */
  public record Ended(int status, String out) {}

  /** Runs a program that must succeed, and returns what it printed. */
  public static String run(String... words) {
    Ended ended = status(words);
    if (ended.status() != 0) {
      throw new AssertionError(
          String.join(" ", words) + ": status " + ended.status() + ": " + ended.out());
    }
    return ended.out();
  }

  /** Runs a program to its end, whatever that is. */
  public static Ended status(String... words) {
    try {
      Process process =
          new ProcessBuilder(List.of(words))
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ended(process.waitFor(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted during " + String.join(" ", words), e);
    }
  }
}
