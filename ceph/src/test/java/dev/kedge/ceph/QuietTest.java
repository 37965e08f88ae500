package dev.kedge.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.testing.LabCeph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuietTest {
  @TempDir Path folder;

  /** Connects in a process of its own: librados writes past Java to the file descriptors. */
  static final class Connect {
    private Connect() {}

    public static void main(String[] arguments) {
      CephOptions options = CephOptions.defaults().withConfFile(Path.of(arguments[0]));
      if (arguments.length > 1) {
        options =
            options.withSettings(Map.of("admin_socket", arguments[1], "err_to_stderr", "true"));
      }
      try (CephCluster cluster = CephCluster.connect(options)) {
        assertThat(cluster.poolNames()).isNotEmpty();
      }
    }
  }

  private String output(String... arguments) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Connect.class.getName());
    builder.command().addAll(List.of(arguments));
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertThat(process.waitFor()).as(Files.readString(output)).isZero();
    return Files.readString(output);
  }

  @Test
  void aConfThatNamesALogAndASocketThatCannotBeMadeCausesNoNoise()
      throws IOException, InterruptedException {
    String missing = folder.resolve("missing").toString();
    String text =
        Files.readString(LabCeph.confOfLab())
            .replaceAll("(?m)^\\s*(log[ _]file|admin[ _]socket)\\s*=.*$", "")
            .replace(
                "[global]",
                "[global]\nlog file = " + missing + "/log\nadmin socket = " + missing + "/asok\n");
    Path conf = Files.writeString(folder.resolve("ceph.conf"), text);
    assertThat(output(conf.toString())).isEmpty();
    assertThat(output(conf.toString(), missing + "/asok"))
        .as("the noise that the settings avoid")
        .contains(missing + "/asok");
  }
}
