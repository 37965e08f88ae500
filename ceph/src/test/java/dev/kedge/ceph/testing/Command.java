package dev.kedge.ceph.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the command line tools of Ceph. */
final class Command {
  private Command() {}

  /**
   * Runs a program to its end, and returns its standard output; a status other than 0 is an error
   * with all that the program said.
   */
  static byte[] run(String program, Path confFile, String... arguments) {
    List<String> words = new ArrayList<>(List.of(program, "--conf", confFile.toString()));
    words.addAll(List.of(arguments));
    try {
      Path errors = Files.createTempFile("kedge-command", ".err");
      try {
        Process process =
            new ProcessBuilder(words)
                .redirectError(errors.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        byte[] output = process.getInputStream().readAllBytes();
        int status = process.waitFor();
        if (status != 0) {
          throw new AssertionError(
              String.join(" ", words) + ": status " + status + ": " + Files.readString(errors));
        }
        return output;
      } finally {
        Files.delete(errors);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted during " + String.join(" ", words), e);
    }
  }
}
