package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.Kedge;
import dev.kedge.cli.testing.KillMoment;
import dev.kedge.cli.testing.KillMoment.AtFile;
import dev.kedge.cli.testing.KillMoment.Watched;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands that are asked to stop, as by Ctrl-C or by systemd. */
final class SignalIT extends CliTest {
  private static final KillMoment WHILE_IT_WRITES = new AtFile(".qcow2", Duration.ofMillis(300));

  private final SplittableRandom random = new SplittableRandom(SEED);

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aBackupThatIsStoppedCleansUpAfterItself(String signal, int status) {
    Protected volume = newProtected(16 * MIB, random);
    volume.backup();
    volume.image().scribble(random, 20);
    List<String> snapshots = volume.image().snapshots();
    Watched before = new Watched(volume);
    // A shell gives the commands that it runs in the background an ignored SIGINT.
    Running running =
        kedge()
            .behind("env", "--default-signal=INT,TERM")
            .start(volume.backupWords("--full", "--max-rate", "500K"));
    WHILE_IT_WRITES.await(running, before);
    Duration asked = running.age();
    running.signal(signal);
    Outcome stopped = running.await().exits(status);
    // Unhindered it would have read for half a minute.
    assertThat(running.age().minus(asked)).as("time to stop").isLessThan(Duration.ofSeconds(20));
    assertThat(stopped.err()).contains("stopped by request");
    assertThat(volume.image().snapshots()).isEqualTo(snapshots);
    volume.isIntact();
    volume.isTidy();
    assertThat(volume.backup().text("kind")).isEqualTo("incremental");
    volume.isTidy();
    volume.isIntact();
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aRestoreThatIsStoppedLeavesNothing(String signal, int status) throws IOException {
    Protected volume = newProtected(128 * MIB, random);
    volume.image().fill(random, 0, 96 * MIB);
    volume.backup();
    Path file = Path.of(newPath("disk") + ".raw");
    Path partial = Path.of(file + ".kedge-partial");
    Kedge kedge = kedge().behind("env", "--default-signal=INT,TERM");
    String[] restore = {
      "restore", volume.newest(), "--target", volume.target().toString(), "--to", file.toString()
    };
    Outcome stopped;
    int tries = 0;
    do {
      Files.deleteIfExists(file);
      stopped = stopOnceThereIs(partial, kedge, restore, signal);
      tries++;
      // One that comes when the file has its name already is too late.
    } while (Files.exists(file) && tries <= 10);
    assertThat(file).doesNotExist();
    stopped.exits(status);
    assertThat(partial).doesNotExist();
    kedge.run(restore).exits(0);
    assertThat(Hashes.sha256(file)).isEqualTo(volume.sha256(volume.newest()));
  }

  private static Outcome stopOnceThereIs(Path file, Kedge kedge, String[] words, String signal) {
    // Interpreted it is slow enough to be met, mostly.
    Running running = kedge.start(Map.of("KEDGE_JAVA_OPTS", "-Xint"), words);
    while (running.isAlive() && !Files.exists(file)) {
      LockSupport.parkNanos(500_000);
    }
    // It may have ended by now.
    Programs.status("kill", "-" + signal, Long.toString(running.pid()));
    return running.await();
  }
}
