package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.BucketFolder;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Restore points in a bucket go, and what the others need of them is consolidated. */
@Tag("s3")
final class RetentionOnS3IT extends CliTest {
  private static final int IMAGE_BYTES = 32 * MIB;
  private static final int KILLS = 2 * THOROUGHNESS;

  private final SplittableRandom random = new SplittableRandom(SEED);

  @Override
  protected TargetFolder newTarget() {
    return new BucketFolder(newPath("bucket"));
  }

  /**
   * Two thirds of what is stored are hidden, which is past the bound, and what is not has a run
   * that is long enough for the store to copy.
   */
  private Protected build(String... options) {
    TestImage image = TestImage.create(lab(), IMAGE_BYTES);
    image.fill(random, 0, IMAGE_BYTES);
    Protected volume = new Protected(kedge(), image, newTarget());
    volume.backup(options);
    image.fill(random, 6 * MIB, 24 * MIB);
    image.scribble(random, 10);
    volume.backup(options);
    image.fill(random, 6 * MIB, 24 * MIB);
    volume.backup(options);
    return volume;
  }

  private String[] prune(Protected volume) {
    return new String[] {
      "prune", "--target", volume.target().toString(), "--keep-last", "1", "--output", "json"
    };
  }

  private void keepsTheNewest(Protected volume) {
    assertThat(volume.target().names()).doesNotContain("merge.json");
    volume.forget(volume.points().subList(0, volume.points().size() - 1));
    volume.isIntact();
    volume.isTidy();
  }

  @Test
  void whatIsHiddenGoesFromTheBucketAndTheRestIsWhole() {
    Protected volume = build("--compression=zstd");
    Outcome pruned = kedge().run(prune(volume)).exits(0);
    assertThat(pruned.json().get("images").get(0).get("writtenBytes").asLong()).isPositive();
    keepsTheNewest(volume);
    volume.image().scribble(random, 5);
    assertThat(volume.backup().text("kind")).isEqualTo("incremental");
    volume.isIntact();
  }

  @Test
  void aKilledConsolidationIsFinishedOrUndone() {
    Protected volume = build("--cluster-size=64K");
    List<String> kept = volume.points().subList(2, 3);
    for (int i = 0; i < KILLS; i++) {
      Running running = kedge().start(prune(volume));
      BucketFolder bucket = (BucketFolder) volume.target();
      while (running.isAlive() && !bucket.names().contains("merge.json")) {
        LockSupport.parkNanos(1_000_000);
      }
      LockSupport.parkNanos(random.nextInt(1 + i * 500_000_000));
      running.kill();
      kept.forEach(volume::holds);
      kedge()
          .run("restore", volume.newest(), "--target", volume.target().toString(), "--to", "-")
          .exits(0);
    }
    kedge().run(prune(volume)).exits(0);
    keepsTheNewest(volume);
  }
}
