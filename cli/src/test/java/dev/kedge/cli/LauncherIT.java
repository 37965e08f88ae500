package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Kedge;
import dev.kedge.cli.testing.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The script around the JVM. */
final class LauncherIT extends CliTest {
  @Test
  void aCacheIsUsedUntilTheBuildIsAnotherOne() throws IOException {
    Path installed = installed();
    String kedge = installed.resolve("bin/kedge").toString();
    assertThat(classesFromCache(kedge)).isZero();
    Programs.run(
        "env", "CEPH_CONF=" + LabCeph.confOfLab(), kedge + "-train", LabCeph.POOL, "kedge");
    assertThat(classesFromCache(kedge)).isPositive();
    // Compiled for Java 5, which no cache takes, unless the build raises them.
    assertThat(loadedClasses(kedge))
        .anyMatch(line -> line.contains("picocli.CommandLine "))
        .noneMatch(line -> line.contains("picocli") && line.contains(".jar"));
    // Tests beside this one make images of their own.
    assertThat(lab().rbd("ls", LabCeph.POOL)).doesNotContain("rehearsal");
    try (Stream<Path> jars = Files.list(installed.resolve("lib"))) {
      Path engine =
          jars.filter(jar -> jar.toString().contains("kedge-engine")).findFirst().orElseThrow();
      // A package brings its files' old times with it.
      Files.setLastModifiedTime(engine, FileTime.from(Instant.EPOCH));
    }
    assertThat(classesFromCache(kedge)).isZero();
    Programs.run(kedge + "-train");
    assertThat(classesFromCache(kedge)).isPositive();
  }

  @Test
  void aLinkToTheCommandIsTheCommand() throws IOException {
    Path link = newPath("kedge");
    Files.createSymbolicLink(link, Kedge.program());
    assertThat(Programs.run(link.toString(), "--version")).startsWith("kedge ");
  }

  // As a package lays it out: bin beside lib.
  private Path installed() throws IOException {
    Path installed = Files.createDirectory(newPath("installed"));
    Path bin = Objects.requireNonNull(Kedge.program().getParent());
    Path lib = bin.resolveSibling("cli/target/kedge/lib");
    for (Path folder : List.of(bin, lib)) {
      Programs.run("cp", "-r", folder.toString(), installed.toString());
    }
    return installed;
  }

  private static long classesFromCache(String kedge) {
    return loadedClasses(kedge).stream()
        .filter(line -> line.contains("dev.kedge") && line.contains("shared objects file"))
        .count();
  }

  private static List<String> loadedClasses(String kedge) {
    return Programs.run("env", "KEDGE_JAVA_OPTS=-Xlog:class+load", kedge, "--version")
        .lines()
        .toList();
  }
}
