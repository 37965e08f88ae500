package dev.kedge.cli.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@code kedge} that runs. For one thread; always await it. */
public final class Running {
  /** No run of a test takes as long, on a machine with other work too, unless it hangs. */
  private static final Duration LIMIT = Duration.ofMinutes(8);

  private final List<String> words;
  private final Process process;
  private final Path folder;
  private final List<String> secrets;
  private final long startNanos = System.nanoTime();

  Running(List<String> words, Process process, Path folder, List<String> secrets) {
    this.words = words;
    this.process = process;
    this.folder = folder;
    this.secrets = secrets;
  }

  static Path out(Path folder) {
    return folder.resolve("out");
  }

  static Path err(Path folder) {
    return folder.resolve("err");
  }

  /** Whether it has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** How long it runs already. */
  public Duration age() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Ends it with SIGKILL, and waits until it is gone. */
  public Outcome kill() {
    process.destroyForcibly();
    return await();
  }

  /** Sends a signal, as in {@code INT}. */
  public void signal(String name) {
    Programs.run("kill", "-" + name, Long.toString(process.pid()));
  }

  /** Waits for its end; a run that does not end is killed, and an error. */
  public Outcome await() {
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        String stacks = Programs.status("jcmd", Long.toString(process.pid()), "Thread.print").out();
        process.destroyForcibly().waitFor();
        throw new AssertionError(outcome() + " did not end within " + LIMIT + "\n" + stacks);
      }
      return outcome();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private Outcome outcome() {
    return outcome(words, process.exitValue(), folder, secrets);
  }

  static Outcome outcome(List<String> words, int status, Path folder, List<String> secrets) {
    try {
      Outcome outcome = new Outcome(words, status, read(out(folder)), read(err(folder)));
      Files.deleteIfExists(out(folder));
      Files.deleteIfExists(err(folder));
      Files.deleteIfExists(folder);
      if (secrets.stream().anyMatch(key -> (outcome.out() + outcome.err()).contains(key))) {
        // Without the output: it would put the key into the test's log.
        throw new AssertionError("'kedge " + String.join(" ", words) + "' has printed a key");
      }
      return outcome;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Latin-1 keeps every byte of a restored disk apart.
  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }
}
