package dev.kedge.engine.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The reference reader of QCOW2. */
public final class QemuImg {
  private QemuImg() {}

  /** No errors, no leaks, in this file alone. */
  public static void check(Path qcow2) {
    assertThat(run("check", "-f", "qcow2", qcow2.toString())).contains("No errors were found");
  }

  /** Reads a chain through its newest file into a raw one. */
  public static void toRaw(Path qcow2, Path raw) {
    run("convert", "-f", "qcow2", "-O", "raw", qcow2.toString(), raw.toString());
  }

  private static String run(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "qemu-img";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s: %s", String.join(" ", command), output).isZero();
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
