package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.KillMoment;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Backups that are ended by SIGKILL: at moments spread over their life, and where it hurts most,
 * around their first file, their snapshot and their commit.
 */
@Tag("slow")
class BackupKillIT extends CliTest {
  private static final int IMAGE_BYTES = 12 * MIB;
  // About half a second of reading for an increment, one for a full backup.
  private static final String RATE = "4M";

  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void aKilledFirstBackupIsNoBackup() {
    for (KillMoment moment : moments(1, "kedge.json", ".qcow2")) {
      Protected volume = newProtected(IMAGE_BYTES, random);
      killAndContinue(volume, moment);
      volume.isIntact();
    }
  }

  @Test
  void aKilledFullBackupLosesNothing() {
    Protected volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    for (KillMoment moment : moments(1, ".json")) {
      killAndContinue(volume, moment, "--full");
    }
    volume.isIntact();
  }

  @Test
  void aKilledIncrementLosesNothing() {
    Protected volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    for (KillMoment moment : moments(2, ".json", ".sums")) {
      killAndContinue(volume, moment);
    }
    volume.isIntact();
  }

  @Test
  void aKilledRebasedBackupLosesNothing() {
    Protected volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    for (KillMoment moment : moments(1, ".json", ".qcow2")) {
      volume.image().removeSnapshots();
      killAndContinue(volume, moment);
    }
    volume.isIntact();
  }

  @Test
  void aKilledCompressedBackupLosesNothing() {
    Protected volume = newProtected(IMAGE_BYTES, random);
    volume.backup("--compression", "zstd");
    for (KillMoment moment : moments(1, ".json", ".sums")) {
      killAndContinue(volume, moment, "--compression", "zstd");
    }
    volume.isIntact();
  }

  // Random ones in equal parts of a life, one when the snapshot appears, and one for each file.
  private List<KillMoment> moments(int times, String... files) {
    List<KillMoment> moments = new ArrayList<>();
    int count = times * THOROUGHNESS;
    for (int i = 0; i < count; i++) {
      double share = (i + random.nextDouble()) / count;
      moments.add(new KillMoment.After(Duration.ofMillis((long) (share * lifeMillis()))));
    }
    for (int i = 0; i < THOROUGHNESS; i++) {
      moments.add(new KillMoment.AtSnapshot(Duration.ofMillis(random.nextInt(20))));
      for (String file : files) {
        moments.add(new KillMoment.AtFile(file, Duration.ofMillis(random.nextInt(10))));
      }
    }
    Collections.shuffle(moments, Random.from(random));
    return moments.subList(0, Math.min(moments.size(), mostMoments()));
  }

  /** At how many of its moments each kind of backup is killed. */
  protected int mostMoments() {
    return Integer.MAX_VALUE;
  }

  private long lifeMillis = -1;

  // How fast this machine is today.
  private long lifeMillis() {
    if (lifeMillis < 0) {
      Protected volume = newProtected(IMAGE_BYTES, random);
      volume.backup();
      volume.image().scribble(random, 20);
      long startNanos = System.nanoTime();
      volume.backup("--max-rate", RATE);
      lifeMillis = Duration.ofNanos(System.nanoTime() - startNanos).toMillis();
    }
    return lifeMillis;
  }

  private void killAndContinue(Protected volume, KillMoment moment, String... options) {
    volume.image().scribble(random, 20);
    List<String> words = new ArrayList<>(List.of(options));
    words.addAll(List.of("--max-rate", RATE));
    KillMoment.Watched before = new KillMoment.Watched(volume);
    Running running = volume.kedge().start(volume.backupWords(words.toArray(String[]::new)));
    moment.await(running, before);
    Outcome killed = running.kill();
    try {
      volume.rememberNew();
      for (String point : volume.points()) {
        assertThat(volume.target().points("json")).contains(point);
      }
      if (!volume.points().isEmpty()) {
        volume.verifiesInProcess();
      }
      continueAfter(volume);
    } catch (AssertionError e) {
      throw new AssertionError(
          "seed %d, killed at %s: %s".formatted(SEED, moment, killed) + "\n" + e.getMessage(), e);
    }
  }

  private void continueAfter(Protected volume) {
    String expected = expectedKind(volume);
    volume.image().scribble(random, 5);
    Outcome next = volume.backup();
    assertThat(next.text("kind")).as("kind of %s", next).isEqualTo(expected);
    volume.isTidy();
    volume.holds(volume.newest());
  }

  private static String expectedKind(Protected volume) {
    if (volume.points().isEmpty()) {
      return "full";
    }
    boolean retained = volume.image().snapshots().contains(volume.snapshotOf(volume.newest()));
    return retained ? "incremental" : "rebased";
  }
}
