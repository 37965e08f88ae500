package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.KillMoment.AtFile;
import dev.kedge.cli.testing.KillMoment.AtSnapshot;
import dev.kedge.cli.testing.KillMoment.Watched;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Several commands at once. */
final class ConcurrencyIT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void aSecondBackupOfAnImageIsToldWhoMakesTheFirst() {
    Protected volume = newProtected(12 * MIB, random);
    volume.backup();
    volume.image().scribble(random, 20);
    Watched before = new Watched(volume);
    Running first = kedge().start(volume.backupWords("--full", "--max-rate", "4M"));
    new AtFile(".qcow2", Duration.ZERO).await(first, before);
    assertThat(first.isAlive()).isTrue();
    // However slow the machine is: it has its lease for a minute.
    first.signal("STOP");
    try {
      kedge()
          .run("backup", volume.image().location(), "--target", volume.target().toString())
          .fails(7, volume.image().location(), "in use by process " + first.pid() + " on ");
      // Nor may a point be deleted meanwhile.
      kedge()
          .run("delete", volume.newest(), "--target", volume.target().toString())
          .fails(7, "in use by process " + first.pid());
    } finally {
      first.signal("CONT");
    }
    volume.remember(first.await().exits(0).text("restorePoint"));
    volume.isTidy();
    volume.isIntact();
  }

  @Test
  void backupsThatStartTogetherMakeNoMess() {
    Protected volume = newProtected(6 * MIB, random);
    for (int round = 0; round < 2; round++) {
      volume.image().scribble(random, 5);
      List<Running> together =
          Stream.generate(() -> kedge().start(volume.backupWords())).limit(3).toList();
      List<Outcome> outcomes = together.stream().map(Running::await).toList();
      assertThat(outcomes).allMatch(outcome -> outcome.status() == 0 || outcome.status() == 7);
      assertThat(outcomes).anyMatch(outcome -> outcome.status() == 0);
      outcomes.stream()
          .filter(outcome -> outcome.status() == 7)
          .forEach(busy -> assertThat(busy.err()).contains(volume.image().location()));
      outcomes.stream()
          .filter(outcome -> outcome.status() == 0)
          .sorted((a, b) -> Long.compare(a.number("sequence"), b.number("sequence")))
          .forEach(done -> volume.remember(done.text("restorePoint")));
      volume.isTidy();
    }
    volume.isIntact();
  }

  @Test
  void firstBackupsOfDifferentImagesShareANewTarget() {
    TargetFolder target = newTarget();
    List<Protected> volumes =
        Stream.generate(() -> TestImage.create(lab(), 4 * MIB))
            .limit(2)
            .map(image -> new Protected(kedge(), image, target))
            .toList();
    volumes.forEach(volume -> volume.image().scribble(random, 10));
    List<Running> together =
        volumes.stream().map(volume -> kedge().start(volume.backupWords())).toList();
    for (int i = 0; i < volumes.size(); i++) {
      Outcome outcome = together.get(i).await().exits(0);
      assertThat(outcome.text("kind")).isEqualTo("full");
      volumes.get(i).remember(outcome.text("restorePoint"));
      volumes.get(i).holds(outcome.text("restorePoint"));
    }
    target.isTidy();
    assertThat(target.files("kedge.json")).hasSize(1);
    volumes.getFirst().verifies();
  }

  @Test
  void aRestoreGoesOnWhileABackupRuns() {
    Protected volume = newProtected(12 * MIB, random);
    volume.backup();
    String first = volume.newest();
    volume.image().scribble(random, 20);
    Watched before = new Watched(volume);
    Running backup = kedge().start(volume.backupWords("--full", "--max-rate", "4M"));
    new AtFile(".qcow2", Duration.ZERO).await(backup, before);
    Outcome restored =
        kedge().run("restore", first, "--target", volume.target().toString(), "--to", "-").exits(0);
    assertThat(Hashes.sha256(restored)).isEqualTo(volume.sha256(first));
    volume.verifies();
    volume.remember(backup.await().exits(0).text("restorePoint"));
    volume.isIntact();
  }

  @Test
  void writesDuringABackupAreNotInIt() {
    Protected volume = newProtected(12 * MIB, random);
    volume.backup();
    volume.image().scribble(random, 20);
    String asOfSnapshot = volume.image().sha256();
    Watched before = new Watched(volume);
    Running backup = kedge().start(volume.backupWords("--full", "--max-rate", "8M"));
    new AtSnapshot(Duration.ZERO).await(backup, before);
    // Over all that is still to be read.
    volume.image().fill(random, 0, 12 * MIB);
    Outcome done = backup.await().exits(0);
    assertThat(volume.target().sha256ByQemu(done.text("restorePoint"))).isEqualTo(asOfSnapshot);
    Outcome next = volume.backup();
    assertThat(next.text("kind")).isEqualTo("incremental");
    assertThat(next.number("storedBytes")).isEqualTo(12 * MIB);
    volume.holds(volume.newest());
  }
}
