package dev.kedge.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The independent judge. Runs in the directory of the images. */
final class QemuImg {
  private final Path directory;

  QemuImg(Path directory) {
    this.directory = directory;
  }

  /** Runs a command of qemu-img that must succeed; returns its output. */
  String run(String... arguments) {
    return tool("qemu-img", arguments);
  }

  /** Runs qemu-io, which must succeed. */
  String io(String... arguments) {
    return tool("qemu-io", arguments);
  }

  /** No errors, no leaks. */
  void check(String name) {
    assertThat(run("check", "-f", "qcow2", name)).contains("No errors were found");
  }

  private String tool(String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
      return output;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
