package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.TargetFolder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What scripts may rely on: words, fields, outputs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContractIT extends CliTest {
  private static final String[] POINT_FIELDS = {
    "restorePoint",
    "kind",
    "parent",
    "image",
    "snapshot",
    "createdAt",
    "sequence",
    "sizeBytes",
    "changedBytes",
    "readBytes",
    "storedBytes",
    "zeroBytes",
    "file",
    "fileBytes",
    "clusterSizeBytes",
    "compression",
    "durationSeconds"
  };

  private final SplittableRandom random = new SplittableRandom(SEED);
  private Protected volume;
  private Outcome full;
  private Outcome increment;

  @BeforeAll
  void aChainOfThree() {
    volume = newProtected(8 * MIB, random);
    full = volume.backup();
    volume.image().write(2 * MIB, new byte[] {1});
    increment = volume.backup();
    volume.image().fill(random, 3 * MIB, MIB);
    volume.backup("--compression", "zstd", "--cluster-size", "64K");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "backup", "list", "show", "restore", "verify", "delete", "prune"})
  void everyCommandExplainsItself(String command) {
    List<String> words = command.isEmpty() ? List.of("--help") : List.of(command, "--help");
    Outcome help = kedge().run(words.toArray(String[]::new)).exits(0);
    assertThat(help.out())
        .contains("Usage: kedge", command, "Examples:".repeat(command.isEmpty() ? 0 : 1));
    assertThat(help.err()).isEmpty();
    assertThat(help.out().lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(103));
  }

  @Test
  void theVersionIsPrinted() {
    assertThat(kedge().run("--version").exits(0).out()).matches("kedge \\d+\\.\\d+\\.\\d+\\S*\\R");
  }

  /** Other tests run most commands in their own process. */
  @ParameterizedTest
  @CsvSource({
    "list --target VOLUME, 0",
    "frobnicate, 2",
    "show latest:rbd:nobody/nothing --target VOLUME, 3"
  })
  void theProcessEndsAsItsCommand(String line, int status) {
    String[] words = line.replace("VOLUME", volume.target().toString()).split(" ", -1);
    Outcome process = kedge().start(words).await().exits(status);
    Outcome here = kedge().run(words).exits(status);
    assertThat(process.out()).isEqualTo(here.out());
    assertThat(process.err()).isEqualTo(here.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "frobnicate",
        "backup",
        "backup rbd:volumes/x",
        "backup volumes/x --target T",
        "backup rbd:volumes --target T",
        "backup rbd:volumes/a/b/c --target T",
        "backup rbd:volumes/x@snap --target T",
        "backup rbd:volumes/x --target ",
        "list --target ",
        "backup rbd:volumes/x --target s3://",
        "backup rbd:volumes/x --target s3://bucket/../other",
        "backup rbd:volumes/x --target s3://bucket --s3-endpoint localhost:7480",
        "backup rbd:volumes/x --target swift://container",
        "backup rbd:volumes/x --target T --s3-region here",
        "backup rbd:volumes/x --target T --compression lz4",
        "backup rbd:volumes/x --target T --cluster-size 3K",
        "backup rbd:volumes/x --target T --cluster-size 4M",
        "backup rbd:volumes/x --target T --cluster-size big",
        "backup rbd:volumes/x --target T --max-rate fast",
        "backup rbd:volumes/x --target T --max-rate 0",
        "backup rbd:volumes/x --target T --max-rate -5M",
        "backup rbd:volumes/x --target T --output xml",
        "backup rbd:volumes/x --target T --nonsense",
        "backup rbd:volumes/x rbd:volumes/y --target T",
        "list",
        "show --target T",
        "show NOTHEX --target VOLUME",
        "restore abc --target T",
        "restore abc --target T --to disk.vmdk",
        "restore abc --target T --to rbd:volumes",
        "verify --target T",
        "verify abc --all --target T",
        "delete --target T",
        "delete latest:rbd:volumes/x --target VOLUME"
      })
  void wordsThatMakeNoSenseExitWith2(String line) {
    String[] words =
        line.isEmpty()
            ? new String[0]
            : line.replace("VOLUME", volume.target().toString()).split(" ", -1);
    Outcome outcome = kedge().run(words).exits(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).isNotEmpty().doesNotContain("\tat ");
  }

  @Test
  void aBackupSaysInJsonWhatItDid() {
    for (Outcome backup : List.of(full, increment)) {
      hasPointFields(backup.json());
      assertThat(backup.err()).isEmpty();
      assertThat(backup.text("image")).isEqualTo(volume.image().location());
      assertThat(backup.number("sizeBytes")).isEqualTo(8 * MIB);
      assertThat(backup.text("snapshot"))
          .matches("backup\\.[-0-9a-f]{36}\\.snap\\.\\d+")
          .contains(backup.text("restorePoint"));
      assertThat(backup.text("file"))
          .isEqualTo(
              volume
                  .target()
                  .locationOf(volume.target().file(backup.text("restorePoint"), "qcow2")));
      assertThat(backup.json().get("durationSeconds").asDouble()).isPositive();
    }
    assertThat(full.text("kind")).isEqualTo("full");
    assertThat(full.json().get("parent").isNull()).isTrue();
    assertThat(full.number("readBytes")).isGreaterThanOrEqualTo(full.number("storedBytes"));
    assertThat(increment.text("kind")).isEqualTo("incremental");
    assertThat(increment.text("parent")).isEqualTo(full.text("restorePoint"));
    assertThat(increment.number("changedBytes")).isBetween(1L, (long) MIB);
    assertThat(increment.number("readBytes")).isBetween(1L, (long) MIB);
    assertThat(increment.number("storedBytes")).isEqualTo(increment.number("clusterSizeBytes"));
  }

  @Test
  void aBackupSaysInWordsWhatItDid() {
    Protected other = newProtected(4 * MIB, random);
    Outcome text =
        kedge()
            .run("backup", other.image().location(), "--target", other.target().toString())
            .exits(0);
    assertThat(text.out())
        .matches(
            Pattern.compile(
                "full restore point [-0-9a-f]{36} of "
                    + Pattern.quote(other.image().location())
                    + " .*file \\S+\\.qcow2\\s*",
                Pattern.DOTALL));
    assertThat(text.err()).isEmpty();
  }

  @Test
  void aListNamesEveryRestorePoint() {
    JsonNode list =
        kedge().run("list", "--target", volume.target().toString(), "-o", "json").exits(0).json();
    assertThat(list.get("damaged").isEmpty()).isTrue();
    List<JsonNode> points = list.get("restorePoints").valueStream().toList();
    points.forEach(ContractIT::hasPointFields);
    assertThat(points.stream().map(point -> point.get("restorePoint").asString()))
        .isEqualTo(volume.points());
    String text =
        kedge()
            .run("list", volume.image().location(), "--target", volume.target().toString())
            .exits(0)
            .out();
    assertThat(text).contains(volume.image().location()).contains(volume.points());
  }

  @Test
  void aPointIsShownByIdByPrefixAndAsTheLatest() {
    String newest = volume.newest();
    for (String name :
        List.of(newest, newest.substring(0, 13), "latest:" + volume.image().location())) {
      Outcome shown =
          kedge().run("show", name, "--target", volume.target().toString(), "--output", "json");
      assertThat(shown.exits(0).text("restorePoint")).isEqualTo(newest);
      hasPointFields(shown.json());
      assertThat(shown.json().get("chain").valueStream().map(JsonNode::asString))
          .isEqualTo(volume.points().reversed());
      assertThat(shown.json().get("children").isEmpty()).isTrue();
    }
    assertThat(kedge().run("show", newest, "--target", volume.target().toString()).exits(0).out())
        .contains(newest, volume.image().location(), "zstd", "64 KiB");
  }

  @Test
  void aVerificationSaysWhatItProved() {
    String target = volume.target().toString();
    JsonNode all =
        kedge().run("verify", "--all", "--target", target, "--output", "json").exits(0).json();
    assertThat(all.get("sound").asBoolean()).isTrue();
    assertThat(all.get("restorePoints").size()).isEqualTo(3);
    all.get("restorePoints")
        .forEach(point -> {
          assertThat(point.get("sound").asBoolean()).isTrue();
          assertThat(point.get("problems").isEmpty()).isTrue();
          assertThat(point.get("verifiedBytes").asLong()).isPositive();
        });
    Outcome source =
        kedge()
            .run("verify", "latest:" + volume.image().location(), "--target", target, "--source")
            .exits(0);
    assertThat(source.out()).contains("identical", "sound", volume.newest());
    assertThat(source.err()).isEmpty();
  }

  @Test
  void aRestoreToAPipeIsTheRawDiskAndNothingElse() {
    for (String point : volume.points()) {
      Outcome restored =
          kedge()
              .run(
                  "restore",
                  point,
                  "--target",
                  volume.target().toString(),
                  "--to",
                  "-",
                  "-o",
                  "json")
              .exits(0);
      assertThat(restored.out()).hasSize(8 * MIB);
      assertThat(Hashes.sha256(restored)).isEqualTo(volume.sha256(point));
      assertThat(restored.err()).contains("\"restorePoint\"", point);
    }
  }

  @Test
  void aPointThatIsNotThereIsNotDeleted() {
    String target = volume.target().toString();
    kedge().run("delete", "0123", "--target", target).fails(3, "0123", target);
    volume.isIntact();
  }

  @Test
  void aPointThatNobodyNeedsIsDeletedWithItsFiles() {
    Protected other = newProtected(4 * MIB, random);
    other.backup();
    String old = other.newest();
    other.backup("--full");
    Outcome deleted =
        kedge().run("delete", old, "--target", other.target().toString(), "--output", "json");
    assertThat(deleted.exits(0).text("deleted")).isEqualTo(old);
    assertThat(deleted.number("freedBytes")).isPositive();
    assertThat(other.target().points("json")).containsExactly(other.newest());
    other.target().isTidy();
    assertThat(other.backup().text("kind")).isEqualTo("incremental");
  }

  @ParameterizedTest
  @CsvSource({
    "backup rbd:kedge-test/no-such-image --target NEW, 3, kedge-test/no-such-image",
    "backup rbd:no-such-pool/x --target NEW, 3, no-such-pool",
    "backup rbd:kedge-test/no-such-namespace/x --target NEW, 3, no-such-namespace",
    "show 0123abcd --target VOLUME, 3, 0123abcd",
    "restore 0123abcd --target VOLUME --to x.raw, 3, 0123abcd",
    "verify 0123abcd --target VOLUME, 3, 0123abcd",
    "show latest:rbd:kedge-test/no-such-image --target VOLUME, 3, kedge-test/no-such-image",
    "list rbd:kedge-test/no-such-image --target VOLUME, 3, kedge-test/no-such-image",
    "restore latest:IMAGE --target VOLUME --to rbd:no-such-pool/x, 3, no-such-pool",
    "restore latest:IMAGE --target VOLUME --to /no/such/folder/x.raw, 3, /no/such/folder",
  })
  void whatDoesNotExistIsNamed(String line, int status, String named) {
    TargetFolder target = newTarget();
    String[] words =
        line.replace("NEW", target.toString())
            .replace("VOLUME", volume.target().toString())
            .replace("IMAGE", volume.image().location())
            .split(" ", -1);
    kedge().run(words).fails(status, named);
    // A backup that cannot be made leaves no repository behind.
    assertThat(target.path()).doesNotExist();
    assertThat(target.names()).isEmpty();
  }

  @Test
  void aFailureIsInTheJsonToo() {
    Outcome outcome =
        kedge()
            .run("show", "0123abcd", "--target", volume.target().toString(), "--output=json")
            .exits(3);
    assertThat(outcome.json().get("error").get("code").asString()).isEqualTo("NOT_FOUND");
    assertThat(outcome.err()).contains(outcome.json().get("error").get("message").asString());
  }

  @Test
  void progressIsDrawnOnATerminalAndNowhereElse() {
    Protected other = newProtected(8 * MIB, random);
    String command = String.join(" ", other.backupWords("--max-rate", "4M"));
    Outcome terminal =
        kedge()
            .behind("sh", "-c", "exec script -qec \"$0 $*\" /dev/null")
            .run(command.split(" ", -1));
    assertThat(terminal.exits(0).out()).contains("\rbackup [", " % of ", "left", "\r\u001b[K");
    assertThat(kedge().run(other.backupWords("--full", "--max-rate", "4M")).exits(0).err())
        .isEmpty();
    Outcome refused =
        kedge()
            .behind("sh", "-c", "exec script -qec \"$0 $*\" /dev/null")
            .run(
                "restore",
                "latest:" + other.image().location(),
                "--target",
                other.target().toString(),
                "--to",
                "-");
    refused.exits(2);
    assertThat(refused.out()).contains("terminal").hasSizeLessThan(500);
  }

  private static void hasPointFields(JsonNode point) {
    assertThat(point.propertyNames()).contains(POINT_FIELDS);
    for (String field : Arrays.asList(POINT_FIELDS)) {
      if (field.endsWith("Bytes") || field.equals("sequence")) {
        assertThat(point.get(field).isIntegralNumber()).as(field).isTrue();
      }
    }
  }
}
