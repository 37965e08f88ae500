package dev.kedge.cli.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.DirectoryTarget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A directory that backups go to, looked at without Kedge's code. */
public class TargetFolder {
  private static final Pattern POINT_FILE =
      Pattern.compile(
          "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.(?:\\d+\\.)?(json|qcow2|sums)");

  private final Path path;

  /** A directory, which need not exist. */
  public TargetFolder(Path path) {
    this.path = path;
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** What {@code --target} says; where it is for everybody. */
  public String location() {
    return path.toString();
  }

  /** What Kedge calls a file of it. */
  public String locationOf(Path file) {
    return location() + "/" + path.relativize(file);
  }

  /** The same for Kedge's code. */
  public BackupTarget open() {
    return new DirectoryTarget(path);
  }

  @Override
  public final String toString() {
    return location();
  }

  /** The names of all files, without looking into them. */
  public List<String> names() {
    return Files.isDirectory(path) ? files().stream().map(TargetFolder::name).toList() : List.of();
  }

  /** Every file in it, in the order of their names; files may come and go meanwhile. */
  public List<Path> files() {
    List<Path> found = new ArrayList<>();
    try {
      Files.walkFileTree(
          path,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              found.add(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    found.sort(null);
    return found;
  }

  /** The files whose names end so. */
  public List<Path> files(String suffix) {
    return files().stream().filter(file -> name(file).endsWith(suffix)).toList();
  }

  /** The ids of restore points that have a file of this kind: json, qcow2 or sums. */
  public Set<String> points(String kind) {
    return files().stream()
        .map(file -> POINT_FILE.matcher(name(file)))
        .filter(match -> match.matches() && match.group(2).equals(kind))
        .map(match -> match.group(1))
        .collect(Collectors.toSet());
  }

  /** A file of a restore point. */
  public Path file(String point, String kind) {
    return files().stream()
        .filter(file -> name(file).equals(point + "." + kind))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no " + point + "." + kind + " in " + path));
  }

  /** The manifest of a restore point. */
  public JsonNode manifest(String point) {
    return JsonMapper.shared().readTree(file(point, "json").toFile());
  }

  /** Checks that every restore point has its three files, and that there are no others. */
  public void isTidy() {
    isTidyBeside("");
  }

  /** The same, where an object of this name may be there, too. */
  public void isTidyBeside(String other) {
    assertThat(points("qcow2")).as("data files").isEqualTo(points("json"));
    assertThat(points("sums")).as("sums files").isEqualTo(points("json"));
    assertThat(files())
        .allSatisfy(file ->
            assertThat(name(file)).matches(name -> name.equals(other) || isOfRepository(name)));
  }

  // What a killed process was just writing stays for a day: it might be somebody else's.
  private static boolean isOfRepository(String name) {
    Matcher point = POINT_FILE.matcher(name);
    return point.matches()
        || name.equals("kedge.json")
        || name.equals("image.json")
        || name.equals("proofs.json")
        || name.equals("copies.json")
        || name.equals("moved.json")
        || name.matches("lease\\.\\d{19}\\.json")
        || name.startsWith(".tmp-");
  }

  /** Copies everything to another directory. */
  public TargetFolder copyTo(Path other) {
    try {
      for (Path file : files()) {
        Path copy = other.resolve(path.relativize(file).toString());
        Files.createDirectories(Objects.requireNonNull(copy.getParent()));
        Files.copy(file, copy);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new TargetFolder(other);
  }

  /** Removes it with all it holds. */
  public void remove() {
    try {
      Files.walkFileTree(
          path,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException e)
                throws IOException {
              Files.delete(folder);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a restore point holds, by qemu-img. */
  public String sha256ByQemu(String point) {
    Path raw = path.resolveSibling(String.format(Locale.ROOT, "qemu-%s.raw", point));
    try {
      Programs.run(
          "qemu-img",
          "convert",
          "-f",
          "qcow2",
          "-O",
          "raw",
          file(point, "qcow2").toString(),
          raw.toString());
      return Hashes.sha256(raw);
    } finally {
      raw.toFile().delete();
    }
  }

  static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
