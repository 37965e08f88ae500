package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What scripts may rely on of restores into an image: words, fields, outputs. */
final class InPlaceContractIT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);

  private Outcome restore(Protected volume, String... more) {
    List<String> words = new ArrayList<>(List.of("restore", "--target"));
    words.addAll(List.of(volume.target().toString(), "--to", volume.image().location()));
    words.addAll(List.of(more));
    return kedge().run(words.toArray(String[]::new));
  }

  private static String sha256(Protected volume) {
    return volume.image().sha256Of(volume.image().name());
  }

  private Protected damaged() {
    Protected volume = newProtected(8 * MIB, random);
    volume.backup();
    volume.image().fill(random, 3 * MIB, MIB);
    return volume;
  }

  @Test
  void theFieldsOfARestoreAndItsUndoAreThere() {
    Protected volume = damaged();
    String point = volume.newest();
    String before = sha256(volume);
    Outcome planned = restore(volume, point, "--in-place", "--dry-run", "-o", "json").exits(0);
    assertThat(planned.json().get("dryRun").asBoolean()).isTrue();
    assertThat(planned.number("differingBytes")).isEqualTo(MIB);
    assertThat(planned.number("writtenBytes")).isZero();
    assertThat(planned.json().get("safetySnapshot").isNull()).isTrue();
    assertThat(sha256(volume)).isEqualTo(before);

    Outcome done = restore(volume, point, "--in-place", "-o", "json").exits(0);
    assertThat(sha256(volume)).isEqualTo(volume.sha256(point));
    assertThat(done.text("restorePoint")).isEqualTo(point);
    assertThat(done.text("image")).isEqualTo(volume.image().location());
    assertThat(done.text("destination")).isEqualTo(volume.image().location());
    assertThat(done.text("method")).isEqualTo("diff");
    assertThat(done.text("reason")).isNotEmpty();
    assertThat(done.json().get("inPlace").asBoolean()).isTrue();
    assertThat(done.json().get("dryRun").asBoolean()).isFalse();
    assertThat(done.number("sizeBytes")).isEqualTo(8 * MIB);
    assertThat(done.number("sizeBytesBefore")).isEqualTo(8 * MIB);
    assertThat(done.number("comparedBytes")).isGreaterThanOrEqualTo(MIB);
    assertThat(done.number("differingBytes")).isEqualTo(MIB);
    assertThat(done.number("writtenBytes")).isEqualTo(MIB);
    assertThat(done.number("dataBytes") + done.number("zeroedBytes")).isEqualTo(MIB);
    assertThat(done.number("layers")).isEqualTo(1);
    assertThat(done.number("durationSeconds")).isNotNegative();
    assertThat(done.json().get("notes").isEmpty()).isTrue();
    String snapshot = done.text("safetySnapshot");
    assertThat(volume.image().snapshots()).contains(snapshot);

    JsonNode listed =
        kedge().run("list", "--target", volume.target().toString(), "-o", "json").exits(0).json();
    assertThat(listed.get("undoPoints")).hasSize(1);
    JsonNode undoPoint = listed.get("undoPoints").get(0);
    assertThat(undoPoint.get("image").asString()).isEqualTo(volume.image().location());
    assertThat(undoPoint.get("safetySnapshot").asString()).isEqualTo(snapshot);
    assertThat(undoPoint.get("restorePoint").asString()).isEqualTo(point);
    assertThat(undoPoint.get("takenAt").asString()).endsWith("Z");
    assertThat(kedge().run("list", "--target", volume.target().toString()).exits(0).out())
        .contains("can be taken back", snapshot);

    // The command that is printed does what it says.
    String command = done.text("undoCommand");
    assertThat(command).startsWith("kedge restore --undo ");
    List<String> words = new ArrayList<>(Arrays.asList(command.split(" ", -1)));
    words.addAll(List.of("-o", "json"));
    Outcome undone = kedge().run(words.subList(1, words.size()).toArray(String[]::new)).exits(0);
    assertThat(sha256(volume)).isEqualTo(before);
    assertThat(undone.text("safetySnapshot")).isEqualTo(snapshot);
    assertThat(undone.text("destination")).isEqualTo(volume.image().location());
    assertThat(undone.number("writtenBytes")).isEqualTo(MIB);
    assertThat(undone.number("sizeBytes")).isEqualTo(8 * MIB);
    assertThat(volume.image().snapshots()).doesNotContain(snapshot);
    restore(volume, "--undo").fails(3, "taken back");
    assertThat(volume.backup().text("kind")).isEqualTo("incremental");
    volume.isTidy();
    volume.isIntact();
  }

  @Test
  void peopleAreToldHowToGoBackAndHowToLetGo() {
    Protected volume = damaged();
    Outcome planned = restore(volume, volume.newest(), "--in-place", "--dry-run").exits(0);
    assertThat(planned.out()).contains("would restore", "would write 1 MiB");
    Outcome done = restore(volume, volume.newest(), "--in-place").exits(0);
    assertThat(done.out())
        .contains("restored " + volume.image().location() + " in place", "wrote 1 MiB")
        .contains("kedge restore --undo", "kedge restore --discard-undo");
    // Each backup reminds.
    Outcome backup = kedge().run(volume.backupWords()).exits(0);
    assertThat(backup.err()).contains("takes space in Ceph", "--discard-undo");
    assertThat(backup.text("kind")).isEqualTo("incremental");
    assertThat(restore(volume, "--undo", "--dry-run").exits(0).out()).contains("would write");
    JsonNode discarded = restore(volume, "--discard-undo", "-o", "json").exits(0).json();
    assertThat(discarded.get("discarded")).hasSize(1);
    assertThat(volume.image().snapshots()).hasSize(1);
    restore(volume, "--discard-undo").fails(3, "taken back");
  }

  @Test
  void aDamagedDescriptionOfWhatCanBeTakenBackStopsNoBackup() throws IOException {
    Protected volume = damaged();
    restore(volume, volume.newest(), "--in-place").exits(0);
    Path description =
        volume.target().files().stream()
            .filter(file -> file.endsWith("undo.json"))
            .findFirst()
            .orElseThrow();
    Files.writeString(description, "damaged");
    assertThat(kedge().run(volume.backupWords()).exits(0).err()).contains("undo.json");
    Outcome list = kedge().run("list", "--target", volume.target().toString()).exits(0);
    assertThat(list.err()).contains("undo.json", "delete that file");
    assertThat(list.out()).contains(volume.newest());
    restore(volume, "--undo").fails(6, "undo.json", "delete that file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POINT --in-place --overwrite --to IMAGE | exclude",
        "POINT --in-place --to disk.raw | needs --to rbd:",
        "POINT --in-place --to - | needs --to rbd:",
        "--in-place --to IMAGE | name a restore point",
        "--to IMAGE | name a restore point",
        "POINT --undo --to IMAGE | no restore point",
        "POINT --discard-undo --to IMAGE | no restore point",
        "--undo --to disk.qcow2 | needs --to rbd:",
        "--undo --discard-undo --to IMAGE | exclude",
        "POINT --in-place --undo --to IMAGE | exclude",
        "--discard-undo --force --to IMAGE | neither",
        "--discard-undo --dry-run --to IMAGE | neither",
        "POINT --force --to IMAGE | go with",
        "POINT --dry-run --overwrite --to IMAGE | go with",
      })
  void wordsThatContradictEachOtherAreRefused(String words, String said) {
    List<String> command = new ArrayList<>(List.of("restore", "--target", "/nonexistent"));
    for (String word : words.split(" ", -1)) {
      command.add(word.replace("POINT", "3f2a").replace("IMAGE", "rbd:kedge-test/none"));
    }
    kedge().run(command.toArray(String[]::new)).fails(2, said);
  }

  @Test
  void anImageThatIsNotThereIsNotMade() {
    Protected volume = damaged();
    String none = volume.image().location() + "-none";
    kedge()
        .run(
            "restore",
            volume.newest(),
            "--target",
            volume.target().toString(),
            "--to",
            none,
            "--in-place")
        .fails(3, none.substring("rbd:".length()), "does not exist");
    assertThat(lab().pool().exists(volume.image().name() + "-none")).isFalse();
  }
}
