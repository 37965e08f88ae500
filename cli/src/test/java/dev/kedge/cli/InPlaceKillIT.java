package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.RbdImage;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Restores into an image, and their undoing, that are ended by SIGKILL. */
@Tag("slow")
final class InPlaceKillIT extends CliTest {
  private static final int IMAGE_BYTES = 96 * MIB;
  private static final int DAMAGE_BYTES = 64 * MIB;
  // Even a quick disk takes longer for the damage.
  private static final int WRITING_MILLIS = 150;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private Protected volume;
  private String point;

  @BeforeAll
  void anImageThatIsDamaged() {
    volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    volume.image().scribble(random, 20);
    point = volume.backup().text("restorePoint");
    volume.image().fill(random, IMAGE_BYTES - DAMAGE_BYTES, DAMAGE_BYTES);
  }

  @Test
  void aKilledRestoreIsFinishedByTheSameAgainAndTakenBack() {
    for (int i = 0; i < 2 * THOROUGHNESS; i++) {
      killRestoreWhileItWrites();
      assertThat(kedge().run(volume.backupWords()).exits(0).err())
          .contains("interrupted", "is kept in snapshot");
      start(point, "--in-place").await().exits(0);
      assertThat(sha256()).isEqualTo(volume.sha256(point));
      assertThat(isIncomplete(volume.image().name())).isFalse();
      start("--undo").await().exits(0);
      isAsBefore();
    }
  }

  @Test
  void aKilledRestoreIsTakenBackByAnUndoThatIsKilledToo() {
    for (int i = 0; i < 2 * THOROUGHNESS; i++) {
      killRestoreWhileItWrites();
      Running undo = start("--undo");
      LockSupport.parkNanos(random.nextInt(2_000) * 1_000_000L);
      undo.kill();
      evictClients(volume.image().name());
      // A killed one may have been done already.
      Outcome again = start("--undo").await();
      assertThat(again.status()).as("%s", again).isIn(0, 3);
      isAsBefore();
    }
  }

  @Test
  void aRestoreThatIsKilledAtAnyTimeCanBeTakenBackOrHasChangedNothing() {
    for (int i = 0; i < 3 * THOROUGHNESS; i++) {
      Running restore = start(point, "--in-place");
      LockSupport.parkNanos(random.nextInt(2_500) * 1_000_000L);
      restore.kill();
      evictClients(volume.image().name());
      Outcome undo = start("--undo").await();
      assertThat(undo.status()).as("%s", undo).isIn(0, 3);
      isAsBefore();
    }
  }

  private void killRestoreWhileItWrites() {
    String name = volume.image().name();
    kill(start(point, "--in-place"), () -> isIncomplete(name), random.nextInt(WRITING_MILLIS));
    evictClients(name);
  }

  // Also that no snapshot is left, and that the next backup sees all there is to see.
  private void isAsBefore() {
    assertThat(sha256()).isEqualTo(volume.image().sha256());
    assertThat(isIncomplete(volume.image().name())).isFalse();
    Outcome backup = kedge().run(volume.backupWords()).exits(0);
    assertThat(backup.text("kind")).isEqualTo("incremental");
    String newest = backup.text("restorePoint");
    assertThat(volume.target().sha256ByQemu(newest)).isEqualTo(volume.image().sha256());
    assertThat(volume.image().snapshots())
        .as("%s", backup)
        .containsExactly(volume.snapshotOf(newest));
    // It may wait for a snapshot that never comes.
    volume.target().isTidyBeside("undo.json");
    start("--undo").await().exits(3);
  }

  // Waits for half a minute.
  @Test
  void aLivingClientIsLeftAlone() {
    Protected used = newProtected(4 * MIB, random);
    used.backup();
    used.image().scribble(random, 5);
    String before = used.image().sha256Of(used.image().name());
    try (RbdImage guest = lab().pool().open(used.image().name())) {
      assertThat(guest.watchers()).hasSize(1);
      Running restore =
          kedge()
              .start(
                  "restore",
                  used.newest(),
                  "--target",
                  used.target().toString(),
                  "--to",
                  used.image().location(),
                  "--in-place");
      restore.await().fails(7, used.image().location(), "in use by", "--force");
    }
    assertThat(used.image().sha256Of(used.image().name())).isEqualTo(before);
    assertThat(isIncomplete(used.image().name())).isFalse();
    used.isTidy();
  }

  private Running start(String... more) {
    List<String> words = new ArrayList<>(List.of("restore", "--target"));
    words.addAll(List.of(volume.target().toString(), "--to", volume.image().location()));
    words.addAll(List.of(more));
    return kedge().start(words.toArray(String[]::new));
  }

  private String sha256() {
    return volume.image().sha256Of(volume.image().name());
  }
}
