package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.BucketFolder;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.TargetFolder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Repositories that {@code aws s3 sync} takes to a directory, and from there to a bucket. */
@Tag("s3")
final class MovingHouseOnS3IT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);

  /** By Debian's: another one on the path may be anything. */
  private static void sync(TargetFolder from, TargetFolder to) {
    String endpoint = System.getenv("AWS_ENDPOINT_URL_S3");
    Programs.run(
        "/usr/bin/aws", "--endpoint-url", endpoint, "s3", "sync", from.location(), to.location());
  }

  private Protected at(Protected volume, TargetFolder place) {
    Protected moved = new Protected(kedge(), volume.image(), place);
    volume.points().forEach(point -> moved.remember(point, volume.sha256(point)));
    return moved;
  }

  private void isAtHome(Protected moved) {
    moved.isIntact();
    moved.restoresAll();
    assertThat(
            kedge()
                .run("list", "--target", moved.target().toString(), "--output", "json")
                .exits(0)
                .json()
                .get("restorePoints"))
        .hasSameSizeAs(moved.points());
    moved.image().scribble(random, 5);
    assertThat(moved.backup().text("kind")).isEqualTo("incremental");
    moved.isIntact();
    moved.isTidy();
  }

  @Test
  void aSyncedRepositoryIsAtHomeWhereItLies() {
    TargetFolder bucket = new BucketFolder(newPath("bucket"));
    Protected volume = new Protected(kedge(), newProtected(8 * MIB, random).image(), bucket);
    volume.backup();
    volume.image().scribble(random, 15);
    volume.backup("--compression", "zstd");

    TargetFolder folder = newTarget();
    sync(bucket, folder);
    Protected inFolder = at(volume, folder);
    isAtHome(inFolder);

    TargetFolder other = new BucketFolder(newPath("other"));
    sync(folder, other);
    isAtHome(at(inFolder, other));
  }
}
