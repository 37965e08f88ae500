package dev.kedge.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Runs commands in this process: all of them but {@link Main}. Thread-safe. */
public final class InProcess {
  private InProcess() {}

  /**
   * Runs one to its end.
   *
   * @param variables its environment
   * @param out the file for its standard output
   * @param err the file for its standard error
   * @return the exit status
   */
  public static int run(Map<String, String> variables, Path out, Path err, String... words)
      throws IOException {
    try (FileOutputStream output = new FileOutputStream(out.toFile());
        FileOutputStream errors = new FileOutputStream(err.toFile());
        Session session = Session.into(output, errors)) {
      return Variables.with(variables, () -> KedgeCommand.run(session, words));
    }
  }
}
