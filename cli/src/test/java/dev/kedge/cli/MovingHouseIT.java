package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.EncryptedVolume;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.Kedge;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.SecondLab;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repositories that are moved by copying their files, and used there with another Ceph. */
@Tag("slow")
final class MovingHouseIT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);
  private SecondLab other;

  @BeforeAll
  void startOther() {
    other = SecondLab.start(newPath("lab"));
  }

  @AfterAll
  void stopOther() {
    if (other != null) {
      other.close();
    }
  }

  private Kedge there() {
    return kedge().with(Map.of("CEPH_CONF", other.conf().toString()));
  }

  /** Moves the files; nothing stays where they were. */
  private Path move(TargetFolder target, String tool) throws IOException {
    Path place = newPath("new place");
    Files.createDirectories(place);
    // A slash after the source: its content.
    String source = tool.startsWith("rsync") ? target + "/" : target + "/.";
    String[] words = Arrays.copyOf(tool.split(" "), tool.split(" ").length + 2);
    words[words.length - 2] = source;
    words[words.length - 1] = place.toString();
    Programs.run(words);
    target.remove();
    return place;
  }

  private void restoresThere(Kedge kedge, Path place, List<String> points, List<String> hashes) {
    for (int i = 0; i < points.size(); i++) {
      String image = "moved-" + points.get(i);
      other.ceph().removeLater(other.ceph().pool(), image);
      String spec = other.ceph().pool().name() + "/" + image;
      kedge
          .run("restore", points.get(i), "--target", place.toString(), "--to", "rbd:" + spec)
          .exits(0);
      assertThat(Hashes.sha256(other.ceph().export(spec)))
          .as("restore of " + points.get(i))
          .isEqualTo(hashes.get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cp -a", "rsync -a"})
  void aMovedRepositoryIsAtHomeWhereItLies(String tool) throws IOException {
    Protected volume = newProtected(8 * MIB, random);
    volume.backup();
    volume.image().scribble(random, 15);
    volume.backup("--compression", "zstd");
    volume.image().resize(10 * MIB);
    volume.image().scribble(random, 15);
    volume.backup("--cluster-size", "4K");
    Path place = move(volume.target(), tool);
    TargetFolder folder = new TargetFolder(place);

    assertThat(
            there()
                .run("list", "--target", place.toString(), "--output", "json")
                .exits(0)
                .json()
                .get("restorePoints"))
        .hasSize(3);
    there().run("verify", "--all", "--target", place.toString()).exits(0);
    for (String point : volume.points()) {
      assertThat(folder.sha256ByQemu(point)).isEqualTo(volume.sha256(point));
    }
    restoresThere(
        there(), place, volume.points(), volume.points().stream().map(volume::sha256).toList());

    // The old cluster's image goes on as before, and an image of the other comes beside it.
    Protected moved = new Protected(kedge(), volume.image(), folder);
    volume.image().scribble(random, 5);
    assertThat(moved.backup().text("kind")).isEqualTo("incremental");
    moved.holds(moved.newest());
    TestImage foreign = TestImage.create(other.ceph(), 4 * MIB);
    foreign.fill(random, 0, MIB);
    Protected neighbour = new Protected(there(), foreign, folder);
    assertThat(neighbour.backup().text("kind")).isEqualTo("full");
    foreign.scribble(random, 5);
    assertThat(neighbour.backup().text("kind")).isEqualTo("incremental");
    neighbour.points().forEach(neighbour::holds);
    folder.isTidy();
    there().run("verify", "--all", "--target", place.toString()).exits(0);
    // And all of it can be copied on.
    TargetFolder mirror = newTarget();
    there().run("copy", "--all", "--from", place.toString(), "--to", mirror.toString()).exits(0);
    assertThat(mirror.points("json")).hasSize(6);
    for (String point : volume.points()) {
      assertThat(mirror.sha256ByQemu(point)).isEqualTo(volume.sha256(point));
    }
  }

  @Test
  void anEncryptedRepositoryNeedsItsPassphraseAndNothingElse() throws IOException {
    TestImage image = TestImage.create(lab(), 6 * MIB);
    image.fill(random, 0, 2 * MIB);
    EncryptedVolume volume = EncryptedVolume.create(kedge(), image, newTarget());
    volume.backup();
    image.scribble(random, 10);
    volume.backup();
    Path place = move(volume.target(), "cp -a");
    Kedge there = volume.kedge().with(Map.of("CEPH_CONF", other.conf().toString()));
    there.run("verify", "--all", "--target", place.toString()).exits(0);
    restoresThere(
        there, place, volume.points(), volume.points().stream().map(volume::sha256).toList());
    image.scribble(random, 5);
    assertThat(
            volume
                .kedge()
                .run("backup", image.location(), "--target", place.toString(), "--output", "json")
                .exits(0)
                .text("kind"))
        .isEqualTo("incremental");
  }
}
