package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.EncryptedVolume;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.TestImage;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where Ceph cannot tell any more what has changed, everything is read, and what is stored is what
 * differs.
 */
final class RebaseIT extends CliTest {
  private static final int IMAGE_BYTES = 64 * MIB;
  private static final int HUNDREDTH = IMAGE_BYTES / 100;

  private final SplittableRandom random = new SplittableRandom(SEED);

  /** An image with its backups, in whichever kind of repository. */
  private record Volume(TestImage image, Supplier<Outcome> backup, Runnable isIntact) {}

  private Volume create(boolean encrypted) {
    TestImage image = TestImage.create(lab(), IMAGE_BYTES);
    image.fill(random, 0, IMAGE_BYTES / 2);
    if (encrypted) {
      EncryptedVolume volume = EncryptedVolume.create(kedge(), image, newTarget());
      return new Volume(image, volume::backup, volume::isIntact);
    }
    Protected volume = new Protected(kedge(), image, newTarget());
    return new Volume(image, volume::backup, volume::isIntact);
  }

  /** Writes a hundredth of the image, in pieces of this length where they come to lie. */
  private void change(TestImage image, int pieceBytes) {
    for (int done = 0; done < HUNDREDTH; done += pieceBytes) {
      image.fill(random, random.nextInt(IMAGE_BYTES / pieceBytes) * pieceBytes, pieceBytes);
    }
  }

  private static void assertRebased(Outcome outcome, long maxStoredBytes) {
    assertThat(outcome.text("kind")).isEqualTo("rebased");
    assertThat(outcome.number("storedBytes")).isLessThanOrEqualTo(maxStoredBytes);
  }

  @ParameterizedTest
  @CsvSource({"false,65536", "false,4096", "true,65536", "true,4096"})
  void aSnapshotRemovedBehindOurBackCostsTwiceTheChangeAtMost(boolean encrypted, int pieceBytes) {
    Volume volume = create(encrypted);
    var _ = volume.backup.get();
    volume.image.removeSnapshots();
    change(volume.image, pieceBytes);
    Outcome outcome = volume.backup.get();
    assertRebased(outcome, 2L * HUNDREDTH);
    assertThat(outcome.number("storedBytes")).isPositive();
    volume.isIntact.run();
    assertThat(volume.backup.get().text("kind")).isEqualTo("incremental");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anImageMadeAnewWithTheSameContentCostsNothing(boolean encrypted) {
    Volume volume = create(encrypted);
    var _ = volume.backup.get();
    byte[] content = volume.image.content();
    volume.image.recreate();
    volume.image.write(0, content);
    assertRebased(volume.backup.get(), 0);
    change(volume.image, 4096);
    assertThat(volume.backup.get().text("kind")).isEqualTo("incremental");
    volume.isIntact.run();
  }
}
