package dev.kedge.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real file system in memory, small enough to fill. Needs root. */
final class Tmpfs implements AutoCloseable {
  private final Path path;

  Tmpfs(Path path, int sizeKib) throws IOException {
    this.path = Files.createDirectories(path);
    run("mount", "-t", "tmpfs", "-o", "size=" + sizeKib + "k", "kedge-test", path.toString());
  }

  void makeReadOnly() throws IOException {
    run("mount", "-o", "remount,ro", path.toString());
  }

  @Override
  public void close() throws IOException {
    run("umount", "-l", path.toString());
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor()).as("%s: %s", String.join(" ", command), output).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
