package dev.kedge.cli.testing;

import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.cli.InProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The real command on the lab's Ceph: what is started is {@code bin/kedge} of {@code $KEDGE_ROOT},
 * a process; what is just run to its end is run in this process where that makes no difference,
 * which takes a fraction of the time. Whatever it prints is searched for the lab's keys.
 * Thread-safe.
 */
public final class Kedge {
  private static final Set<String> READ_BY_KEDGE =
      Set.of(
          "KEDGE_CONFIG",
          "KEDGE_PASSPHRASE",
          "KEDGE_PASSPHRASE_FILE",
          "OS_CLIENT_SECURE_FILE",
          "OS_CLOUD");

  private final List<String> launcher;
  private final Path scratch;
  private final List<String> secrets;
  private final Map<String, String> environment;

  private Kedge(
      List<String> launcher, Path scratch, List<String> secrets, Map<String, String> environment) {
    this.launcher = launcher;
    this.scratch = scratch;
    this.secrets = secrets;
    this.environment = environment;
  }

  // Once for all tests, in whichever JVM: as users run it, and its starts take half the time.
  private static final class Trained {
    static final Path PROGRAM = train();

    private static Path train() {
      Path build = program().resolveSibling("../cli/target/kedge").normalize();
      try (FileChannel lock =
          FileChannel.open(
              build.resolve("training"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        // Closing the file gives the lock back.
        lock.lock();
        trainWhatIsOlderThanTheBuild(build);
        return program();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void trainWhatIsOlderThanTheBuild(Path build) throws IOException {
      // The second of the two that a training makes.
      Path cache = build.resolve("kedge-s3.aot");
      try (Stream<Path> jars = Files.list(build.resolve("lib"))) {
        if (!Files.exists(cache) || jars.anyMatch(jar -> isNewer(jar, cache))) {
          Programs.run(program() + "-train");
        }
      }
    }

    private static boolean isNewer(Path file, Path other) {
      return file.toFile().lastModified() > other.toFile().lastModified();
    }
  }

  /** The command; its outputs go through the scratch folder. */
  public static Kedge in(Path scratch) {
    return new Kedge(
        List.of(Trained.PROGRAM.toString()), scratch, keys(LabCeph.confOfLab()), Map.of());
  }

  /** The path of the command. */
  public static Path program() {
    String root =
        Objects.requireNonNull(System.getenv("KEDGE_ROOT"), "KEDGE_ROOT, which Maven sets");
    return Path.of(root, "bin", "kedge");
  }

  /** The same command behind other words, as in {@code env --default-signal=INT}. */
  public Kedge behind(String... words) {
    List<String> longer = new ArrayList<>(List.of(words));
    longer.addAll(launcher);
    return new Kedge(longer, scratch, secrets, environment);
  }

  /** The same command, which must not print these words either. */
  public Kedge hiding(String... moreSecrets) {
    List<String> more = new ArrayList<>(secrets);
    more.addAll(Arrays.asList(moreSecrets));
    return new Kedge(launcher, scratch, more, environment);
  }

  /** The same command with these further variables in its environment. */
  public Kedge with(Map<String, String> variables) {
    Map<String, String> more = new HashMap<>(environment);
    more.putAll(variables);
    return new Kedge(launcher, scratch, secrets, Map.copyOf(more));
  }

  /** Runs it to its end. */
  public Outcome run(String... words) {
    boolean plain = launcher.equals(List.of(Trained.PROGRAM.toString()));
    // Native libraries and the JVM read their variables from the process itself.
    if (!plain || !READ_BY_KEDGE.containsAll(environment.keySet())) {
      return start(words).await();
    }
    Map<String, String> all = new HashMap<>(System.getenv());
    all.putAll(environment);
    try {
      Path folder = Files.createTempDirectory(scratch, "run");
      int status = InProcess.run(all, Running.out(folder), Running.err(folder), words);
      return Running.outcome(List.of(words), status, folder, secrets);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it. */
  public Running start(String... words) {
    return start(Map.of(), words);
  }

  /** Starts it with further variables in its environment. */
  public Running start(Map<String, String> variables, String... words) {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(Arrays.asList(words));
    try {
      Path folder = Files.createTempDirectory(scratch, "run");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(Running.out(folder).toFile())
              .redirectError(Running.err(folder).toFile());
      builder.environment().put("CEPH_CONF", LabCeph.confOfLab().toString());
      builder.environment().putAll(environment);
      builder.environment().putAll(variables);
      return new Running(List.of(words), builder.start(), folder, secrets);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> keys(Path conf) {
    List<String> keys = new ArrayList<>();
    Path folder = Objects.requireNonNull(conf.toAbsolutePath().getParent());
    try (Stream<Path> files = Files.list(folder)) {
      for (Path keyring : files.filter(file -> file.toString().endsWith(".keyring")).toList()) {
        Files.readAllLines(keyring).stream()
            .map(String::strip)
            .filter(line -> line.startsWith("key = "))
            .map(line -> line.substring("key = ".length()))
            .forEach(keys::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String s3 = System.getenv("AWS_SECRET_ACCESS_KEY");
    if (s3 != null) {
      keys.add(s3);
    }
    if (keys.isEmpty()) {
      throw new AssertionError("there is no keyring in " + folder + ": what is to be kept secret?");
    }
    return keys;
  }
}
