package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.EncryptedVolume;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.Kedge;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Prunes that are ended by SIGKILL, or run beside restores. */
@Tag("slow")
final class PruneKillIT extends CliTest {
  private static final int IMAGE_BYTES = 24 * MIB;
  private static final int KILLS = 6 * THOROUGHNESS;

  private final SplittableRandom random = new SplittableRandom(SEED);

  private Protected build() {
    Protected volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    for (int i = 0; i < 4; i++) {
      volume.image().fill(random, random.nextInt(IMAGE_BYTES / MIB - 4) * MIB, 4 * MIB);
      volume.image().scribble(random, 20);
      volume.backup("--cluster-size", i % 2 == 0 ? "4K" : "64K");
    }
    return volume;
  }

  private Running start(TargetFolder target) {
    return start(kedge(), target);
  }

  private static Running start(Kedge kedge, TargetFolder target) {
    return kedge.start("prune", "--target", target.toString(), "--keep-last", "2");
  }

  /** Ends prunes at some moment after their first change: what is before that changes nothing. */
  private final class Kills {
    private final int wanted;
    private int done;
    private int inTheMiddle;
    private int withinNanos = 500_000_000;

    Kills(int wanted) {
      this.wanted = wanted;
    }

    /** Whether it takes more of them: at least one has to come before the end of the work. */
    boolean areMoreWanted() {
      assertThat(done).as("kills of which none came in the middle").isLessThan(wanted + 20);
      return done < wanted || inTheMiddle == 0;
    }

    void kill(Running running, TargetFolder target) {
      while (running.isAlive() && target.files("merge.json").isEmpty()) {
        LockSupport.parkNanos(200_000);
      }
      LockSupport.parkNanos(random.nextInt(withinNanos));
      running.kill();
      done++;
      if (target.files("merge.json").isEmpty()) {
        // This machine is faster.
        withinNanos = Math.max(1, withinNanos / 2);
      } else {
        inTheMiddle++;
      }
    }

    @Override
    public String toString() {
      return "kill " + done + " of seed " + SEED;
    }
  }

  @Test
  void aKilledPruneLosesNothingThatIsKept() {
    Protected volume = build();
    List<String> kept = volume.points().subList(3, 5);
    Kills kills = new Kills(KILLS);
    while (kills.areMoreWanted()) {
      TargetFolder target = volume.target().copyTo(newPath("killed"));
      Running running = start(target);
      kills.kill(running, target);
      assertKept(volume, target, kept, kills.toString());
      start(target).await().exits(0);
      assertKept(volume, target, kept, "the run after " + kills);
      assertThat(target.points("json")).containsExactlyInAnyOrderElementsOf(kept);
      assertThat(target.files("merge.json")).isEmpty();
      target.remove();
    }
  }

  @Test
  void aKilledConsolidationLosesNothingThatIsKept() {
    TestImage image = TestImage.create(lab(), 16 * MIB);
    image.fill(random, 0, 16 * MIB);
    EncryptedVolume volume = EncryptedVolume.create(kedge(), image, newTarget());
    volume.backup();
    for (int i = 0; i < 4; i++) {
      image.fill(random, random.nextInt(4) * MIB, 12 * MIB);
      image.scribble(random, 20);
      volume.backup("--compression", i % 2 == 0 ? "none" : "zstd");
    }
    List<String> kept = volume.points().subList(3, 5);
    Kills kills = new Kills(KILLS / 2);
    while (kills.areMoreWanted()) {
      TargetFolder target = volume.target().copyTo(newPath("killed"));
      Running running = start(volume.kedge(), target);
      kills.kill(running, target);
      assertKept(volume, target, kept, kills.toString());
      start(volume.kedge(), target).await().exits(0);
      assertKept(volume, target, kept, "the run after " + kills);
      assertThat(target.points("json")).containsExactlyInAnyOrderElementsOf(kept);
      assertThat(target.files("merge.json")).isEmpty();
      target.remove();
    }
  }

  private void assertKept(
      EncryptedVolume volume, TargetFolder target, List<String> kept, String when) {
    volume.kedge().run("verify", "--all", "--target", target.toString()).exits(0);
    for (String point : kept) {
      Outcome restored =
          volume.kedge().run("restore", point, "--target", target.toString(), "--to", "-");
      assertThat(Hashes.sha256(restored.exits(0))).as(when).isEqualTo(volume.sha256(point));
    }
  }

  @Test
  void restoresAndVerificationsRunMeanwhile() {
    Protected volume = build();
    List<String> kept = volume.points().subList(3, 5);
    for (int i = 0; i < 2 * THOROUGHNESS; i++) {
      TargetFolder target = volume.target().copyTo(newPath("beside"));
      List<Running> beside = new ArrayList<>();
      for (String point : kept) {
        beside.add(kedge().start("restore", point, "--target", target.toString(), "--to", "-"));
      }
      beside.add(kedge().start("verify", "--all", "--target", target.toString()));
      LockSupport.parkNanos(random.nextInt(300_000_000));
      Outcome pruned = start(target).await();
      for (int j = 0; j < kept.size(); j++) {
        Outcome restored = beside.get(j).await();
        assertThat(Hashes.sha256(restored.exits(0))).isEqualTo(volume.sha256(kept.get(j)));
      }
      beside.getLast().await().exits(0);
      pruned.exits(0);
      assertKept(volume, target, kept, "beside a restore");
      target.remove();
    }
  }

  private void assertKept(Protected volume, TargetFolder target, List<String> kept, String when) {
    for (String point : kept) {
      assertThat(target.sha256ByQemu(point)).as(when).isEqualTo(volume.sha256(point));
    }
    kedge().run("verify", "--all", "--target", target.toString()).exits(0);
    Outcome restored =
        kedge().run("restore", kept.getFirst(), "--target", target.toString(), "--to", "-");
    assertThat(Hashes.sha256(restored.exits(0))).as(when).isEqualTo(volume.sha256(kept.getFirst()));
  }
}
