package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdPool;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.KillMoment;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * An image that was renamed or moved goes on with the restore points of its earlier name, where it
 * is certain or somebody says so, and never with another's.
 */
final class MovedImageIT extends CliTest {
  private static final int IMAGE_BYTES = 16 * MIB;
  private static final int CHANGE_BYTES = IMAGE_BYTES / 100;

  private final SplittableRandom random = new SplittableRandom(SEED);

  private Protected newVolume() {
    TestImage image = TestImage.create(lab(), IMAGE_BYTES);
    image.fill(random, 0, IMAGE_BYTES / 2);
    Protected volume = new Protected(kedge(), image, newTarget());
    volume.backup();
    return volume;
  }

  private void change(Protected volume) {
    volume.image().fill(random, random.nextInt(IMAGE_BYTES / 2 / MIB) * MIB, CHANGE_BYTES);
  }

  private static void isRebased(Outcome backup) {
    assertThat(backup.text("kind")).as("%s", backup).isEqualTo("rebased");
    assertThat(backup.number("storedBytes")).isBetween(1L, 2L * CHANGE_BYTES);
  }

  private static void hasOneSnapshot(Protected volume) {
    assertThat(volume.image().snapshots()).containsExactly(volume.snapshotOf(volume.newest()));
  }

  @Test
  void aRenamedImageGoesOnAsIfNothingHadBeen() {
    Protected before = newVolume();
    String target = before.target().toString();
    Protected volume = before.goingOnWith(before.image().movedBy(lab().pool(), "mv"));
    change(volume);
    Outcome first = volume.backup();
    assertThat(first.text("kind")).isEqualTo("incremental");
    assertThat(first.text("image")).isEqualTo(volume.image().location());
    assertThat(first.err()).contains("moved from " + before.image().location());
    hasOneSnapshot(volume);
    Outcome list = kedge().run("list", volume.image().location(), "--target", target, "-o", "json");
    assertThat(list.exits(0).json().get("restorePoints")).hasSize(2);
    volume.holds(before.newest());
    // What was stored under the old name may go, though the new one's builds on it.
    kedge().run("delete", before.newest(), "--target", target).exits(0);
    volume.forget(before.points());
    volume.isIntact();
    volume.isTidy();
    // A new image of the old name is another one.
    TestImage stranger = before.image();
    stranger.pool().create(stranger.name(), ImageSpec.ofSize(MIB));
    kedge()
        .run("backup", stranger.location(), "--target", target)
        .fails(1, "went on as those of", volume.image().location());
  }

  @Test
  void aMigratedImageStoresWhatDiffers() {
    lab().ensurePool("kedge-test-data");
    try (RbdPool other = lab().cluster().openPool("kedge-test-data", "")) {
      Protected before = newVolume();
      Protected volume = before.goingOnWith(before.image().movedBy(other, "migration", "prepare"));
      lab().rbd("migration", "execute", volume.image().spec());
      lab().rbd("migration", "commit", volume.image().spec());
      change(volume);
      Outcome first = volume.backup("--compression", "zstd");
      isRebased(first);
      assertThat(first.text("reason")).contains(before.image().location());
      hasOneSnapshot(volume);
      change(volume);
      assertThat(volume.backup().text("kind")).isEqualTo("incremental");
      volume.isIntact();
      // Without any restore point under the new name it is still known by it.
      for (String point : volume.points().subList(1, 3).reversed()) {
        kedge().run("delete", point, "--target", volume.target().toString()).exits(0);
        volume.forget(List.of(point));
      }
      change(volume);
      assertThat(volume.backup().text("kind")).isEqualTo("rebased");
      volume.isIntact();
      TargetFolder copy = newTarget();
      kedge()
          .run("copy", "--all", "--from", volume.target().toString(), "--to", copy.toString())
          .exits(0);
      kedge().run("verify", "--all", "--target", copy.toString()).exits(0);
      assertThat(copy.sha256ByQemu(volume.newest())).isEqualTo(volume.sha256(volume.newest()));
      assertThat(
              kedge()
                  .run("show", "latest:" + volume.image().location(), "--target", copy.toString())
                  .exits(0)
                  .out())
          .contains(volume.newest());
    }
  }

  @Test
  void aCopiedImageGoesOnWhereSomebodySaysSo() {
    Protected before = newVolume();
    String from = before.image().location();
    Protected volume = before.goingOnWith(before.image().movedBy(lab().pool(), "cp"));
    change(volume);
    kedge().run(volume.backupWords("--moved-from", from)).exits(1);
    before.image().remove();
    kedge()
        .run(volume.backupWords("--moved-from", "rbd:" + lab().pool().name() + "/nobody"))
        .exits(3);
    isRebased(volume.backup("--moved-from", from));
    change(volume);
    assertThat(volume.backup("--moved-from", from).text("kind")).isEqualTo("incremental");
    volume.isIntact();
    volume.isTidy();
    // A copy beside its original is another image, and has restore points of its own from then on.
    Protected other = volume.goingOnWith(volume.image().movedBy(lab().pool(), "deep", "cp"));
    assertThat(kedge().run(other.backupWords()).exits(0).text("kind")).isEqualTo("full");
    kedge().run(other.backupWords("--moved-from", from)).exits(1);
  }

  @Test
  void aKilledFirstBackupAfterAMoveLosesNothing() {
    Protected volume = newVolume();
    for (KillMoment moment :
        List.of(
            new KillMoment.AtFile("moved.json", Duration.ZERO),
            new KillMoment.AtSnapshot(Duration.ZERO),
            new KillMoment.AtFile(".qcow2", Duration.ofMillis(random.nextInt(20))))) {
      TestImage old = volume.image();
      volume = volume.goingOnWith(old.movedBy(lab().pool(), "deep", "cp"));
      old.remove();
      change(volume);
      KillMoment.Watched watched = new KillMoment.Watched(volume);
      Running running = kedge().start(volume.backupWords("--max-rate", "8M"));
      moment.await(running, watched);
      running.kill();
      volume.rememberNew();
      volume.verifiesInProcess();
      evictClients(volume.image().name());
      change(volume);
      assertThat(volume.backup().text("kind")).isIn("rebased", "incremental");
      hasOneSnapshot(volume);
    }
    volume.isIntact();
    volume.isTidy();
  }
}
