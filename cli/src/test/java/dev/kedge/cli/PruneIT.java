package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.SmallDisk;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Restore points of real images go, between backups of them. */
final class PruneIT extends CliTest {
  private static final int IMAGE_BYTES = 8 * MIB;

  private final SplittableRandom random = new SplittableRandom(SEED);

  private Outcome prune(Protected volume, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("prune", "--target", volume.target().toString(), "--output", "json"));
    words.addAll(List.of(more));
    return kedge().run(words.toArray(String[]::new));
  }

  private void keepLast(Protected volume, int count) {
    prune(volume, "--keep-last", Integer.toString(count)).exits(0);
    List<String> points = volume.points();
    volume.forget(points.subList(0, Math.max(0, points.size() - count)));
  }

  private static void backup(Protected volume, SplittableRandom random, String... more) {
    volume.image().scribble(random, 15);
    volume.backup(more);
  }

  /** What rbd itself exports of the image now. */
  private String exported(TestImage image) {
    return Programs.run(
            "bash",
            "-c",
            "set -o pipefail; rbd -c \"$0\" export --no-progress \"$1\" - | sha256sum",
            System.getenv("KEDGE_LAB_CONF"),
            image.spec())
        .strip()
        .replaceAll(" .*", "");
  }

  @Test
  void backupsGoOnBetweenPrunes() {
    Protected volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    String[] compressions = {"none", "zstd", "zlib"};
    for (int round = 0; round < 6; round++) {
      for (int i = 0; i < 3; i++) {
        backup(
            volume,
            random,
            "--compression",
            compressions[random.nextInt(3)],
            "--cluster-size",
            random.nextBoolean() ? "64K" : "4K");
        assertThat(volume.sha256(volume.newest())).isEqualTo(exported(volume.image()));
      }
      if (round == 3) {
        volume.image().resize(IMAGE_BYTES / 2 + 4096);
        volume.backup();
        volume.image().resize(IMAGE_BYTES);
        backup(volume, random);
      }
      keepLast(volume, 2 + random.nextInt(3));
      volume.isIntact();
      volume.isTidy();
    }
    volume.restoresAll();
    assertThat(volume.backup().text("kind")).isEqualTo("incremental");
  }

  @Test
  void afterTheNewestIsDeletedTheNextBackupIsRebased() {
    Protected volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    backup(volume, random);
    String newest = volume.newest();
    String snapshot = volume.snapshotOf(newest);
    kedge().run("delete", newest, "--target", volume.target().toString()).exits(0);
    volume.forget(List.of(newest));
    volume.isIntact();
    assertThat(volume.image().snapshots()).contains(snapshot);
    volume.image().scribble(random, 3);
    Outcome next = volume.backup();
    assertThat(next.text("kind")).isEqualTo("rebased");
    assertThat(next.number("storedBytes")).isLessThan(IMAGE_BYTES / 2);
    volume.isTidy();
    volume.isIntact();
    backup(volume, random);
    assertThat(volume.target().manifest(volume.newest()).get("kind").asString())
        .isEqualTo("incremental");
  }

  @Test
  void afterTheOnlyOneIsDeletedTheNextBackupIsFull() {
    Protected volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    String only = volume.newest();
    kedge().run("delete", only, "--target", volume.target().toString()).exits(0);
    volume.forget(List.of(only));
    volume.target().isTidy();
    assertThat(volume.backup().text("kind")).isEqualTo("full");
    volume.isTidy();
    volume.isIntact();
  }

  @Test
  void aDryRunSaysWhatWouldGoAndChangesNothing() throws IOException {
    Protected volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    backup(volume, random);
    backup(volume, random);
    List<String> before = listing(volume.target());
    Outcome dry = prune(volume, "--keep-last", "1", "--dry-run").exits(0);
    assertThat(listing(volume.target())).isEqualTo(before);
    var image = dry.json().get("images").get(0);
    assertThat(image.get("writtenBytes").asLong()).isPositive();
    assertThat(image.get("restorePoints").get(0).get("kept").asBoolean()).isFalse();
    assertThat(image.get("restorePoints").get(2).get("reasons").get(0).asString())
        .isEqualTo("last 1");
    Outcome text =
        kedge()
            .run("prune", "--target", volume.target().toString(), "--keep-last", "1", "--dry-run");
    assertThat(text.exits(0).out()).contains("would go", "keep", "last 1", volume.newest());
    volume.isIntact();
  }

  @Test
  void aPolicyThatKeepsNothingIsRefused() {
    Protected volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    String target = volume.target().toString();
    kedge().run("prune", "--target", target).fails(2, "--keep-last");
    kedge().run("prune", "--target", target, "--keep-daily", "0").fails(2, "--keep-daily");
    kedge().run("prune", "--target", target, "--keep-last", "-2").fails(2, "-2");
    kedge()
        .run("prune", "rbd:volumes/none", "--target", target, "--keep-last", "1")
        .fails(3, "volumes/none");
    volume.isIntact();
  }

  @Test
  void aFullDiskLosesNothingAndTheNextRunGoesOn() throws IOException {
    TestImage image = TestImage.create(lab(), IMAGE_BYTES);
    image.fill(random, 0, IMAGE_BYTES / 4);
    try (SmallDisk disk = SmallDisk.mount(newPath("small"), 24 * MIB)) {
      Protected volume = new Protected(kedge(), image, new TargetFolder(disk.path()));
      volume.backup();
      for (int i = 0; i < 3; i++) {
        image.fill(random, i * MIB, MIB);
        volume.backup();
      }
      for (int freeKib : new int[] {16, 128, 700}) {
        int used = (int) (24L * MIB - disk.freeBytes());
        disk.grow(used + freeKib * 1024);
        prune(volume, "--keep-last", "1").exits(5);
        volume.holds(volume.newest());
        disk.grow(24 * MIB);
      }
      keepLast(volume, 1);
      volume.isIntact();
      volume.target().isTidy();
    }
  }

  private static List<String> listing(TargetFolder target) throws IOException {
    List<String> listing = new ArrayList<>();
    for (Path file : target.files()) {
      listing.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
    }
    return listing;
  }
}
