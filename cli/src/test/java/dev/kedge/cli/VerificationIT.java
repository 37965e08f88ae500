package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Damage;
import dev.kedge.cli.testing.EncryptedVolume;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.SmallDisk;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verification as a habit, and repair from Ceph, as a user meets them. */
final class VerificationIT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);

  private Protected newChain(String... options) {
    Protected volume = newProtected(8 * MIB, random);
    volume.backup(options);
    for (int i = 0; i < 2; i++) {
      volume.image().scribble(random, 12);
      volume.backup(options);
    }
    return volume;
  }

  @Test
  void everythingIsRememberedAndShown() {
    Protected volume = newChain();
    String target = volume.target().toString();
    assertThat(kedge().run("show", volume.newest(), "--target", target).exits(0).out())
        .contains("proven", "never");
    Outcome whole = kedge().run("verify", "--all", "--target", target, "-o", "json").exits(0);
    assertThat(whole.json().get("restorePoints")).hasSize(3);
    assertThat(whole.json().get("foreignObjects")).isEmpty();
    Outcome shown = kedge().run("show", volume.newest(), "--target", target, "-o", "json").exits(0);
    assertThat(Instant.parse(shown.text("provenAt")))
        .isBetween(Instant.parse(whole.text("begunAt")), Instant.now());
    Outcome again =
        kedge()
            .run("verify", "--all", "--outdated-after", "1d", "--target", target, "-o", "json")
            .exits(0);
    assertThat(again.number("verifiedBytes")).isZero();
    again
        .json()
        .get("restorePoints")
        .forEach(point -> assertThat(point.get("coverage").asString()).isEqualTo("presence"));
    kedge().run("verify", "--since", "1h", "--max-rate", "100M", "--target", target).exits(0);
    assertThat(kedge().run("verify", "--since", "2100-01-01", "--target", target).exits(0).out())
        .contains("all 0 restore points");
    volume.isTidy();
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    String target = newProtected(MIB, random).target().toString();
    kedge().run("verify", "--target", target).fails(2, "--all, --since or --sample");
    kedge().run("verify", "--sample", "0%", "--target", target).fails(2, "--sample 0%");
    kedge().run("verify", "--sample", "101%", "--target", target).fails(2, "--sample 101%");
    kedge().run("verify", "--since", "soon", "--target", target).fails(2, "soon", "36h");
    kedge().run("verify", "--resume", "--sample", "5%", "--target", target).fails(2, "--resume");
    kedge().run("verify", "abc", "--all", "--target", target).fails(2, "--all");
    kedge().run("repair", "--target", target).fails(2, "--all");
  }

  @Test
  void aTargetThatCannotBeWrittenIsVerifiedAllTheSame() {
    try (SmallDisk disk = SmallDisk.mount(newPath("disk"), 32 * MIB)) {
      TestImage image = TestImage.create(lab(), 4 * MIB);
      image.fill(random, 0, MIB);
      Protected volume = new Protected(kedge(), image, new TargetFolder(disk.path().resolve("t")));
      volume.backup();
      disk.makeReadOnly();
      Outcome outcome =
          kedge().run("verify", "--all", "--target", volume.target().toString()).exits(0);
      assertThat(outcome.out()).contains("all 1 restore points are sound");
      assertThat(outcome.err()).contains("cannot be remembered");
    }
  }

  @Test
  void foreignFilesAreNamed() throws IOException {
    Protected volume = newChain();
    Path manifest = volume.target().file(volume.newest(), "json");
    Files.writeString(manifest.resolveSibling("core.1234"), "dumped");
    Files.writeString(volume.target().path().resolve("README"), "which disk is this?");
    Outcome outcome =
        kedge().run("verify", "--sample", "50%", "--target", volume.target().toString()).exits(0);
    assertThat(outcome.out()).contains("foreign  README", "core.1234");
  }

  @Test
  void aKilledVerificationGoesOn() {
    Protected volume = newChain();
    String target = volume.target().toString();
    Running running = kedge().start("verify", "--all", "--max-rate", "500K", "--target", target);
    Path memory = Path.of(target, "verification.json");
    kill(running, () -> Files.exists(memory), 1500);
    Outcome rest =
        kedge().run("verify", "--all", "--resume", "--target", target, "-o", "json").exits(0);
    assertThat(rest.json().get("restorePoints")).hasSize(3);
    assertThat(memory).doesNotExist();
    volume.isIntact();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--cluster-size=64K",
        "--cluster-size=4K --compression=zstd",
        "--cluster-size=16K --compression=zlib"
      })
  void rotInTheNewestIsReadAgainFromCeph(String options) {
    Protected volume = newChain(options.split(" ", -1));
    String target = volume.target().toString();
    String newest = volume.newest();
    for (String kind : new String[] {"qcow2", "sums"}) {
      for (int i = 0; i < 3; i++) {
        // New files of a repair have names of their own.
        Path file =
            volume.target().files(kind).stream()
                .filter(f -> String.valueOf(f.getFileName()).startsWith(newest))
                .findFirst()
                .orElseThrow();
        Damage damage = Damage.flip(file, random.nextLong(file.toFile().length()), random);
        Outcome verify = kedge().run("verify", newest, "--target", target);
        assertThat(verify.status()).as("%s", damage).isEqualTo(6);
        Outcome dry = kedge().run("repair", newest, "--target", target, "--dry-run").exits(0);
        assertThat(dry.out()).as("%s", damage).contains("repairable", newest);
        Outcome repaired = kedge().run("repair", newest, "--target", target).exits(0);
        assertThat(repaired.out()).as("%s", damage).contains("repaired", newest);
        volume.verifies();
        volume.restoresAll();
      }
    }
    assertThat(kedge().run("repair", "--all", "--target", target).exits(0).out())
        .contains("nothing is damaged");
    volume.points().forEach(volume::holds);
    assertThat(volume.backup().text("kind")).isEqualTo("incremental");
    volume.isIntact();
  }

  @Test
  void aLostFileOfTheFullOneComesBackAsFarAsCephHasIt() {
    Protected volume = newChain("--cluster-size=64K");
    String full = volume.points().getFirst();
    String target = volume.target().toString();
    Damage damage = Damage.delete(volume.target().file(full, "qcow2"));
    kedge().run("verify", volume.newest(), "--target", target).exits(6);
    Outcome outcome = kedge().run("repair", "--all", "--target", target, "-o", "json").exits(6);
    assertThat(outcome.json().get("restorePoints").get(0).get("outcome").asString())
        .as("%s", damage)
        .isEqualTo("partly");
    assertThat(outcome.json().get("restorePoints").get(0).get("lostBytes").asLong()).isPositive();
    // The newest is whole again, and nobody takes the full one for it.
    volume.holds(volume.newest());
    kedge().run("restore", volume.newest(), "--target", target, "--to", "-").exits(0);
    kedge().run("restore", full, "--target", target, "--to", "-").exits(6);
    Outcome verify = kedge().run("verify", "--all", "--target", target, "-o", "json").exits(6);
    verify
        .json()
        .get("restorePoints")
        .forEach(point -> {
          String id = point.get("restorePoint").asString();
          boolean sound = point.get("sound").asBoolean();
          assertThat(sound || !id.equals(volume.newest())).as(id).isTrue();
          assertThat(sound && id.equals(full)).as(id).isFalse();
        });
    assertThat(volume.backup().text("kind")).isEqualTo("incremental");
    volume.holds(volume.newest());
  }

  @Test
  void anEncryptedRepositoryIsRepairedToo() {
    TestImage image = TestImage.create(lab(), 8 * MIB);
    image.fill(random, 0, 4 * MIB);
    EncryptedVolume volume = EncryptedVolume.create(kedge(), image, newTarget());
    volume.backup("--cluster-size=64K");
    image.scribble(random, 12);
    volume.backup("--compression=zstd");
    String target = volume.target().toString();
    for (String point : volume.points().reversed()) {
      Path file = volume.target().file(point, "qcow2");
      Damage damage = Damage.flip(file, file.toFile().length() / 2, random);
      volume.kedge().run("verify", point, "--target", target).exits(6);
      Outcome outcome = volume.kedge().run("repair", point, "--target", target);
      assertThat(outcome.out()).as("%s", damage).contains(point);
      assertThat(Set.of(0, 6)).contains(outcome.status());
      if (outcome.status() == 0) {
        volume.kedge().run("verify", point, "--target", target).exits(0);
      }
    }
    Outcome newest =
        volume.kedge().run("restore", volume.newest(), "--target", target, "--to", "-").exits(0);
    assertThat(Hashes.sha256(newest)).isEqualTo(volume.sha256(volume.newest()));
  }

  @Test
  void withoutTheSnapshotNothingIsRepaired() {
    Protected volume = newChain();
    String target = volume.target().toString();
    volume.image().removeSnapshots();
    Path file = volume.target().file(volume.newest(), "qcow2");
    try (Damage damage = Damage.flip(file, file.toFile().length() / 2, random)) {
      Outcome outcome = kedge().run("repair", "--all", "--target", target).exits(6);
      assertThat(outcome.out()).as("%s", damage).contains("Ceph has no snapshot", "--full");
    }
    volume.isIntact();
  }
}
