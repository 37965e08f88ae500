package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Damage;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.InProcess;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.TargetFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stored files that are not what they were. Whatever happens to them, a verification says so, and a
 * restore gives the right data or none. Most damages are looked at in this process, by the engine
 * that the command runs; some by the command itself.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorruptionIT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);
  private Protected volume;
  private InProcess inProcess;

  @BeforeAll
  void aChainOfFour() {
    volume = newProtected(4 * MIB, random);
    volume.backup("--cluster-size", "64K");
    for (String options :
        List.of(
            "--cluster-size=4K",
            "--cluster-size=16K --compression=zstd",
            "--cluster-size=64K --compression=zlib")) {
      volume.image().scribble(random, 12);
      volume.backup(options.split(" ", -1));
    }
    inProcess = new InProcess(volume);
    inProcess.findsNothing();
  }

  @ParameterizedTest
  @CsvSource({"qcow2, 20", "sums, 10", "json, 10"})
  void aFlippedBitInAPointsFileIsFound(String kind, int times) {
    for (String point : volume.points()) {
      Path file = volume.target().file(point, kind);
      for (long offset : offsets(file, times * THOROUGHNESS)) {
        isFound(Damage.flip(file, offset, random), point);
      }
    }
    inProcess.findsNothing();
  }

  @ParameterizedTest
  @ValueSource(strings = {"image.json", "kedge.json"})
  void aFlippedBitInWhatDescribesTheRepositoryIsFound(String name) {
    Path file = volume.target().files(name).getFirst();
    for (long offset : offsets(file, 10 * THOROUGHNESS)) {
      isFound(Damage.flip(file, offset, random), "");
    }
    inProcess.findsNothing();
  }

  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "sums", "json"})
  void aFileOfAnotherLengthIsFound(String kind) throws IOException {
    for (String point : volume.points()) {
      Path file = volume.target().file(point, kind);
      long length = Files.size(file);
      for (long newLength : new long[] {0, 1, length / 2, length - 1, length + 1}) {
        isFound(Damage.resize(file, newLength), point);
      }
    }
    inProcess.findsNothing();
  }

  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "sums"})
  void aMissingFileIsFound(String kind) {
    for (String point : volume.points()) {
      isFound(Damage.delete(volume.target().file(point, kind)), point);
    }
    inProcess.findsNothing();
  }

  @Test
  void aMissingManifestIsFoundByThoseThatBuildOnIt() {
    for (String point : volume.points().subList(0, volume.points().size() - 1)) {
      isFound(Damage.delete(volume.target().file(point, "json")), point);
    }
    inProcess.findsNothing();
  }

  @Test
  void aMissingImageDescriptionHidesNoRestorePoint() {
    isFound(Damage.delete(volume.target().files("image.json").getFirst()), "image.json");
    inProcess.findsNothing();
  }

  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "sums", "json"})
  void twoFilesThatChangedPlacesAreFound(String kind) {
    for (int i = 0; i < volume.points().size(); i++) {
      for (int j = 0; j < i; j++) {
        String one = volume.points().get(i);
        String other = volume.points().get(j);
        isFound(
            Damage.swap(volume.target().file(one, kind), volume.target().file(other, kind)), one);
      }
    }
    inProcess.findsNothing();
  }

  // The damage is undone afterwards.
  private void isFound(Damage damage, String named) {
    try (damage) {
      inProcess.findsDamage(named);
      inProcess.restoresRightOrNot();
    } catch (AssertionError e) {
      throw new AssertionError("%s, seed %d: ".formatted(damage, SEED) + e.getMessage(), e);
    }
  }

  // The start, the end and the middle: a QCOW2 has its header there, its tables, and its data.
  private List<Long> offsets(Path file, int times) {
    long length = file.toFile().length();
    List<Long> offsets = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      offsets.add(
          switch (i % 4) {
            case 0 -> random.nextLong(Math.min(length, 512));
            case 1 -> length - 1 - random.nextLong(Math.min(length, 64 << 10));
            default -> random.nextLong(length);
          });
    }
    return offsets;
  }

  @ParameterizedTest
  @CsvSource({"qcow2, 700000", "qcow2, 5", "sums, 100", "json, 300"})
  void theCommandExitsWith6AndNamesThePoint(String kind, long offset) {
    String full = volume.points().getFirst();
    String target = volume.target().toString();
    try (Damage damage = Damage.flip(volume.target().file(full, kind), offset, random)) {
      Outcome verify = kedge().run("verify", "--all", "--target", target).exits(6);
      assertThat(verify.out()).as("%s", damage).contains("DAMAGED", full);
      Outcome json = kedge().run("verify", "--all", "--target", target, "-o", "json").exits(6);
      assertThat(json.json().get("sound").asBoolean()).isFalse();
      Path file = Path.of(newPath("disk") + ".raw");
      kedge().run("restore", full, "--target", target, "--to", file.toString()).fails(6, full);
      assertThat(file).doesNotExist();
      Outcome piped = kedge().run("restore", volume.newest(), "--target", target, "--to", "-");
      if (piped.status() == 0) {
        assertThat(Hashes.sha256(piped)).isEqualTo(volume.sha256(volume.newest()));
      } else {
        piped.exits(6);
      }
    }
    volume.verifies();
  }

  @ParameterizedTest
  @CsvSource({"qcow2, true", "qcow2, false", "sums, true", "sums, false"})
  void aBackupAfterItsParentsFileIsLostIsAFullOne(String kind, boolean whole) {
    Protected other = newProtected(2 * MIB, random);
    other.backup();
    other.image().scribble(random, 3);
    other.backup();
    String parent = other.newest();
    Path file = other.target().file(parent, kind);
    other.image().scribble(random, 3);
    try (Damage damage =
        whole ? Damage.delete(file) : Damage.resize(file, file.toFile().length() / 2)) {
      Outcome next = kedge().run(other.backupWords()).exits(0);
      other.remember(next.text("restorePoint"));
      assertThat(next.text("kind")).as("%s", damage).isEqualTo("full");
      assertThat(next.err()).contains("damaged", parent, "verify --all");
      assertThat(next.json().get("notes").valueStream())
          .anyMatch(note -> note.asString().contains(parent));
      other.holds(other.newest());
      assertThat(other.image().snapshots()).containsExactly(other.snapshotOf(other.newest()));
    }
  }

  @Test
  void aBackupThatCannotCompareWithItsParentIsAFullOne() {
    Protected other = newProtected(2 * MIB, random);
    other.backup();
    String parent = other.newest();
    other.image().removeSnapshots();
    // The format's version.
    try (Damage damage = Damage.flip(other.target().file(parent, "qcow2"), 5, random)) {
      Outcome next = kedge().run(other.backupWords()).exits(0);
      assertThat(next.text("kind")).as("%s", damage).isEqualTo("full");
      assertThat(next.err()).contains("damaged", parent);
      other.remember(next.text("restorePoint"));
      other.holds(other.newest());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLostImageDescriptionHidesNothingAndIsWrittenAnew(boolean whole) {
    Protected other = newProtected(2 * MIB, random);
    other.backup();
    String target = other.target().toString();
    Path file = other.target().files("image.json").getFirst();
    try (Damage damage = whole ? Damage.delete(file) : Damage.flip(file, 50, random)) {
      assertThat(kedge().run("list", "--target", target).exits(0).out())
          .as("%s", damage)
          .contains(other.newest(), other.image().location());
      Outcome verify = kedge().run("verify", "--all", "--target", target).exits(6);
      assertThat(verify.out()).contains("image.json");
      other.restoresAll();
      assertThat(other.backup().text("kind")).isEqualTo("incremental");
      other.isIntact();
    }
  }

  @Test
  void aBackupAfterTheNewestManifestIsDamagedBuildsOnAnEarlierPoint() {
    Protected other = newProtected(2 * MIB, random);
    other.backup();
    other.image().scribble(random, 3);
    other.backup();
    other.image().scribble(random, 3);
    String damaged = other.newest();
    try (Damage damage = Damage.flip(other.target().file(damaged, "json"), 200, random)) {
      Outcome next = kedge().run(other.backupWords()).exits(0);
      assertThat(next.text("kind")).as("%s", damage).isIn("rebased", "full");
      assertThat(next.err()).as("%s", damage).contains(damaged);
      other.remember(next.text("restorePoint"));
      other.holds(other.newest());
      assertThat(other.image().snapshots()).containsExactly(other.snapshotOf(other.newest()));
    }
    other.isIntact();
  }

  @Test
  void aDamagedLeaseStopsTheBackupAndSaysWhatToDo() {
    Protected other = newProtected(2 * MIB, random);
    other.backup();
    Path lease =
        other.target().files().stream()
            .filter(f -> f.toString().contains("/lease."))
            .findFirst()
            .orElseThrow();
    try (Damage damage = Damage.flip(lease, 100, random)) {
      kedge()
          .run("backup", other.image().location(), "--target", other.target().toString())
          .fails(6, String.valueOf(lease.getFileName()), "delete that file");
      assertThat(damage.toString()).contains("lease");
      other.isIntact();
      other.restoresAll();
    }
    assertThat(other.backup().text("kind")).isEqualTo("incremental");
  }

  @Test
  void aChainThatIsCopiedElsewhereIsStillOne() {
    TargetFolder copy = volume.target().copyTo(newPath("copy"));
    kedge().run("verify", "--all", "--target", copy.toString()).exits(0);
    assertThat(copy.sha256ByQemu(volume.newest())).isEqualTo(volume.sha256(volume.newest()));
  }
}
