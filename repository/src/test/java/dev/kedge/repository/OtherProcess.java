package dev.kedge.repository;

import dev.kedge.base.KedgeException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A second JVM that works on a repository: it does what it is told by one line each on its standard
 * input, and answers with one line.
 */
final class OtherProcess implements Closeable {
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter orders;

  OtherProcess(String location) throws IOException {
    process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx64m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    OtherProcess.class.getName(),
                    location))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    orders =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
  }

  long pid() {
    return process.pid();
  }

  void order(String line) throws IOException {
    orders.write(line + "\n");
    orders.flush();
  }

  @Nullable String answer() throws IOException {
    return answers.readLine();
  }

  /** kill -9, and wait until the kernel has buried it. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    answers.close();
  }

  private static BackupTarget target(String location) {
    return location.startsWith("s3://")
        ? LabS3.target(location)
        : new DirectoryTarget(Path.of(location));
  }

  public static void main(String[] args) throws IOException {
    ImageStore store = Repository.openOrCreate(target(args[0])).image(Samples.IMAGE);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    List<Lease> held = new ArrayList<>();
    while (true) {
      String order = orders.readLine();
      if (order == null) {
        return;
      }
      String answer = "ok";
      try {
        switch (order) {
          case "acquire" -> {
            held.add(store.acquireLease());
            answer = "token " + held.getLast().token();
          }
          case "begin" -> {
            held.getLast().intend(Samples.point(1), Samples.snapshot(Samples.point(1)));
            Samples.writeEmpty(store, Samples.point(1));
          }
          case "release" -> held.removeLast().release();
          default -> answer = "what?";
        }
      } catch (KedgeException e) {
        answer = e.code().name();
      }
      System.out.println(answer);
    }
  }
}
