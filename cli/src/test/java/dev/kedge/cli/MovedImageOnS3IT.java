package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.BucketFolder;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.EncryptedVolume;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.TestImage;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An image that was moved, in an encrypted bucket. */
@Tag("s3")
final class MovedImageOnS3IT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void itGoesOnWithWhatItHad() {
    TestImage image = TestImage.create(lab(), 8 * MIB);
    image.fill(random, 0, 4 * MIB);
    EncryptedVolume before =
        EncryptedVolume.create(kedge(), image, new BucketFolder(newPath("bucket")));
    before.backup();
    String target = before.target().toString();
    TestImage moved = image.movedBy(lab().pool(), "deep", "cp");
    image.remove();
    moved.fill(random, MIB, 64 << 10);
    Outcome backup =
        before.kedge().run("backup", moved.location(), "--target", target, "-o", "json").exits(0);
    assertThat(backup.text("kind")).isEqualTo("rebased");
    assertThat(backup.number("storedBytes")).isBetween(1L, 128L << 10);
    before.kedge().run("delete", before.newest(), "--target", target).exits(0);
    before.kedge().run("verify", "--all", "--target", target).exits(0);
    Outcome restored =
        before
            .kedge()
            .run("restore", "latest:" + moved.location(), "--target", target, "--to", "-")
            .exits(0);
    assertThat(Hashes.sha256(restored)).isEqualTo(moved.sha256());
  }
}
