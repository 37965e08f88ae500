package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.EncryptedVolume;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.Kedge;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.SmallDisk;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.engine.verify.Verify;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code kedge copy} between targets, and what backups do at both ends afterwards. */
final class CopyIT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);

  private static String[] copyWords(Protected from, TargetFolder to, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "copy",
                "--from",
                from.target().toString(),
                "--to",
                to.toString(),
                "--output",
                "json"));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private Outcome copy(Protected from, TargetFolder to, String... more) {
    return kedge().run(copyWords(from, to, more)).exits(0);
  }

  private static List<String> ids(Outcome outcome, String field) {
    List<String> ids = new ArrayList<>();
    for (JsonNode node : outcome.json().get(field)) {
      ids.add(node.isString() ? node.asString() : node.get("restorePoint").asString());
    }
    return ids;
  }

  /** Exactly these restore points are there, sound, and hold what they hold at the source. */
  private void holds(Protected from, TargetFolder to, List<String> points) {
    assertThat(to.points("json")).containsExactlyInAnyOrderElementsOf(points);
    to.isTidy();
    kedge().run("verify", "--all", "--target", to.toString()).exits(0);
    for (String point : points) {
      assertThat(to.sha256ByQemu(point)).as("content of " + point).isEqualTo(from.sha256(point));
    }
  }

  // Without a process of its own, which is quicker.
  private static List<PointReport> verify(TargetFolder folder) {
    return new Verify(2, null, Progress.NONE, new CancelToken())
        .all(Repository.open(new DirectoryTarget(folder.path())));
  }

  private Protected withHistory(int sizeBytes, int increments) {
    Protected volume = newProtected(sizeBytes, random);
    volume.backup();
    for (int i = 0; i < increments; i++) {
      volume.image().scribble(random, 15);
      volume.backup(i % 2 == 0 ? new String[0] : new String[] {"--compression", "zstd"});
    }
    return volume;
  }

  @Test
  void aMirrorTakesOnlyWhatIsNew() {
    Protected volume = withHistory(8 * MIB, 2);
    TargetFolder mirror = newTarget();
    Outcome first = copy(volume, mirror, "--all");
    assertThat(ids(first, "copied")).isEqualTo(volume.points());
    assertThat(first.json().get("complete").asBoolean()).isTrue();
    holds(volume, mirror, volume.points());
    volume.image().scribble(random, 5);
    volume.backup();
    Outcome second = copy(volume, mirror, "--all");
    assertThat(ids(second, "copied")).containsExactly(volume.newest());
    assertThat(ids(second, "present")).hasSize(3);
    holds(volume, mirror, volume.points());
    assertThat(ids(copy(volume, mirror, "--all"), "copied")).isEmpty();
    // Listed as they were.
    JsonNode listed =
        kedge().run("list", "--target", mirror.toString(), "--output", "json").exits(0).json();
    JsonNode original =
        kedge()
            .run("list", "--target", volume.target().toString(), "--output", "json")
            .exits(0)
            .json();
    for (int i = 0; i < 4; i++) {
      for (String field :
          List.of("restorePoint", "parent", "image", "snapshot", "createdAt", "sequence", "kind")) {
        assertThat(listed.get("restorePoints").get(i).get(field))
            .isEqualTo(original.get("restorePoints").get(i).get(field));
      }
    }
  }

  @Test
  void latestAndFlattenGiveOneFullPointInAnotherForm() {
    Protected volume = withHistory(8 * MIB, 3);
    TargetFolder stick = newTarget();
    Outcome done =
        copy(
            volume,
            stick,
            "latest:" + volume.image().location(),
            "--flatten",
            "--compression",
            "zstd",
            "--cluster-size",
            "128K");
    JsonNode point = done.json().get("copied").get(0);
    assertThat(point.get("kind").asString()).isEqualTo("full");
    assertThat(point.get("clusterSizeBytes").asInt()).isEqualTo(128 << 10);
    assertThat(point.get("compression").asString()).isEqualTo("zstd");
    holds(volume, stick, List.of(volume.newest()));
  }

  @Test
  void backupsAtBothEndsLeaveEachOthersSnapshotsAlone() {
    Protected home = withHistory(8 * MIB, 1);
    TargetFolder folder = newTarget();
    copy(home, folder, "--all");
    String homeSnapshot = home.snapshotOf(home.newest());
    TestImage image = home.image();

    // The first backup to the copy reads everything, and stores what differs.
    image.scribble(random, 5);
    Protected away = new Protected(kedge(), image, folder);
    Outcome rebased = away.backup();
    assertThat(rebased.text("kind")).isEqualTo("rebased");
    assertThat(rebased.text("reason")).contains("copied");
    assertThat(image.snapshots())
        .containsExactlyInAnyOrder(homeSnapshot, away.snapshotOf(away.newest()));
    away.holds(away.newest());

    // Then each goes on with its own.
    image.scribble(random, 5);
    assertThat(away.backup().text("kind")).isEqualTo("incremental");
    assertThat(image.snapshots()).contains(homeSnapshot).hasSize(2);
    assertThat(home.backup().text("kind")).isEqualTo("incremental");
    homeSnapshot = home.snapshotOf(home.newest());
    assertThat(image.snapshots())
        .containsExactlyInAnyOrder(homeSnapshot, away.snapshotOf(away.newest()));

    // A later copy comes between them, with the sequence of another.
    copy(home, folder, "--all");
    image.scribble(random, 5);
    away.backup();
    away.holds(away.newest());
    assertThat(image.snapshots())
        .containsExactlyInAnyOrder(homeSnapshot, away.snapshotOf(away.newest()));
    image.scribble(random, 5);
    assertThat(home.backup().text("kind")).isEqualTo("incremental");
    home.isIntact();
    kedge().run("verify", "--all", "--target", folder.toString()).exits(0);
    for (String point : away.points()) {
      away.holds(point);
    }
  }

  @Test
  void aDamagedCopyGivesNobodysSnapshotAway() throws IOException {
    Protected home = withHistory(6 * MIB, 1);
    TargetFolder folder = newTarget();
    copy(home, folder, "--all");
    String homeSnapshot = home.snapshotOf(home.newest());
    for (String point : home.points()) {
      Files.writeString(folder.file(point, "json"), "{}");
    }
    Protected away = new Protected(kedge(), home.image(), folder);
    assertThat(away.backup().text("kind")).isEqualTo("full");
    home.image().scribble(random, 5);
    away.backup();
    assertThat(home.image().snapshots()).contains(homeSnapshot);
    assertThat(home.backup().text("kind")).isEqualTo("incremental");
    // Nor does a copy put anything in the place of what is damaged.
    Outcome refused = kedge().run(copyWords(home, folder, "--all")).exits(6);
    assertThat(refused.err()).contains("damaged in " + folder, "delete it there");
    for (String point : home.points().subList(0, 2)) {
      assertThat(Files.readString(folder.file(point, "json"))).isEqualTo("{}");
    }
  }

  @Test
  void aDeletedCopyTakesNoSnapshotWithIt() {
    Protected home = withHistory(6 * MIB, 1);
    TargetFolder folder = newTarget();
    copy(home, folder, "--all");
    kedge().run("delete", home.newest(), "--target", folder.toString()).exits(0);
    Protected away = new Protected(kedge(), home.image(), folder);
    assertThat(away.backup().text("kind")).isEqualTo("rebased");
    assertThat(home.image().snapshots())
        .containsExactlyInAnyOrder(home.snapshotOf(home.newest()), away.snapshotOf(away.newest()));
    away.holds(away.newest());
    home.image().scribble(random, 5);
    assertThat(home.backup().text("kind")).isEqualTo("incremental");
  }

  @Test
  void whatIsLeftOfAPrunedSourceIsCopied() {
    Protected home = withHistory(8 * MIB, 4);
    List<String> all = home.points();
    TargetFolder early = newTarget();
    copy(home, early, all.get(1));
    kedge().run("prune", "--keep-last", "2", "--target", home.target().toString()).exits(0);
    TargetFolder late = newTarget();
    List<String> kept = all.subList(3, 5);
    for (TargetFolder folder : List.of(early, late)) {
      assertThat(ids(copy(home, folder, "--all"), "failed")).isEmpty();
      kedge().run("verify", "--all", "--target", folder.toString()).exits(0);
      for (String point : kept) {
        assertThat(folder.sha256ByQemu(point)).isEqualTo(home.sha256(point));
      }
      assertThat(ids(copy(home, folder, "--all"), "copied")).isEmpty();
    }
    JsonNode listed =
        kedge().run("list", "--target", late.toString(), "--output", "json").exits(0).json();
    assertThat(listed.get("restorePoints")).hasSize(2);
    assertThat(early.sha256ByQemu(all.get(0))).isEqualTo(home.sha256(all.get(0)));
    // A mirror is pruned on its own.
    kedge().run("prune", "--keep-last", "2", "--target", early.toString()).exits(0);
    for (String point : kept) {
      assertThat(early.sha256ByQemu(point)).isEqualTo(home.sha256(point));
    }
  }

  @Test
  void aKilledCopyLeavesNoClaimOnTheSourcesSnapshot() {
    Protected home = withHistory(12 * MIB, 1);
    TargetFolder folder = newTarget();
    kill(
        kedge().start(copyWords(home, folder, "--all", "--max-rate", "1M")),
        () -> Files.isDirectory(folder.path()) && !folder.files(".qcow2").isEmpty(),
        100);
    Protected away = new Protected(kedge(), home.image(), folder);
    away.backup();
    assertThat(home.image().snapshots())
        .containsExactlyInAnyOrder(home.snapshotOf(home.newest()), away.snapshotOf(away.newest()));
    folder.isTidy();
    assertThat(home.backup().text("kind")).isEqualTo("incremental");
  }

  @Tag("slow")
  @Test
  void aCopyThatIsKilledAnywhereIsGoneOnWith() {
    Protected volume = withHistory(8 * MIB, 4);
    for (int i = 0; i < 2 * THOROUGHNESS; i++) {
      TargetFolder folder = newTarget();
      String[] words =
          i % 2 == 0
              ? copyWords(volume, folder, "--all", "--max-rate", "3M")
              : copyWords(volume, folder, "--all", "--max-rate", "3M", "--cluster-size", "32K");
      int kept = 0;
      for (int kills = 0; kills < 3; kills++) {
        Running running = kedge().start(words);
        Duration age = Duration.ofMillis(random.nextInt(4000));
        while (running.isAlive() && running.age().compareTo(age) < 0) {
          LockSupport.parkNanos(1_000_000);
        }
        running.kill();
        int now = Files.isDirectory(folder.path()) ? folder.points("json").size() : 0;
        // What was finished stays.
        assertThat(now).as("seed %d, round %d", SEED, i).isGreaterThanOrEqualTo(kept);
        kept = now;
        if (now > 0) {
          assertThat(verify(folder)).hasSize(now).allMatch(PointReport::isSound);
        }
      }
      Outcome rest = kedge().run(words).exits(0);
      assertThat(ids(rest, "copied")).hasSize(5 - kept);
      holds(volume, folder, volume.points());
    }
  }

  @Test
  void aFullDestinationKeepsWhatIsFinishedAndGoesOnWhenThereIsRoom() {
    Protected volume = withHistory(24 * MIB, 1);
    volume.image().fill(random, 0, 12 * MIB);
    volume.backup();
    try (SmallDisk disk = SmallDisk.mount(newPath("disk"), 14 * MIB)) {
      TargetFolder folder = new TargetFolder(disk.path());
      for (String form : List.of("none", "zlib")) {
        kedge()
            .run(
                "copy",
                "--all",
                "--from",
                volume.target().toString(),
                "--to",
                folder.toString(),
                "--compression",
                form)
            .fails(5, folder.toString(), "full");
        assertThat(folder.points("json")).hasSize(2);
        folder.isTidy();
      }
      disk.grow(64 * MIB);
      assertThat(ids(copy(volume, folder, "--all"), "copied")).containsExactly(volume.newest());
      holds(volume, folder, volume.points());
    }
  }

  @Test
  void twoCopiesAtOnceMakeNoMess() {
    Protected volume = withHistory(8 * MIB, 2);
    TargetFolder folder = newTarget();
    Running one = kedge().start(copyWords(volume, folder, "--all", "--max-rate", "2M"));
    Running other = kedge().start(copyWords(volume, folder, "--all", "--max-rate", "2M"));
    List<Outcome> outcomes = List.of(one.await(), other.await());
    assertThat(outcomes).allMatch(outcome -> outcome.status() == 0 || outcome.status() == 7);
    assertThat(outcomes).anyMatch(outcome -> outcome.status() == 0);
    copy(volume, folder, "--all");
    holds(volume, folder, volume.points());
  }

  @Test
  void aCopyRunsBesideABackupOfItsSource() {
    Protected volume = withHistory(8 * MIB, 2);
    List<String> before = volume.points();
    volume.image().scribble(random, 20);
    TargetFolder folder = newTarget();
    Running backup = kedge().start(volume.backupWords("--full", "--max-rate", "200K"));
    while (backup.isAlive() && volume.target().points("qcow2").size() == before.size()) {
      LockSupport.parkNanos(1_000_000);
    }
    List<String> copied = ids(copy(volume, folder, "--all"), "copied");
    assertThat(copied).containsAll(before);
    volume.remember(backup.await().exits(0).text("restorePoint"));
    // On a slow machine the backup may have been done before the copy looked.
    holds(volume, folder, copied);
    volume.isTidy();
    copy(volume, folder, "--all");
    holds(volume, folder, volume.points());
  }

  @Test
  void damageIsNamedAndTheRestIsCopied() throws IOException {
    Protected volume = withHistory(8 * MIB, 2);
    volume.backup("--full");
    Path file = volume.target().file(volume.points().get(1), "qcow2");
    byte[] content = Files.readAllBytes(file);
    TargetFolder folder = newTarget();
    Files.write(file, Arrays.copyOf(content, content.length - 1000));
    Outcome result = kedge().run(copyWords(volume, folder, "--all")).exits(6);
    assertThat(ids(result, "copied"))
        .containsExactly(volume.points().get(0), volume.points().get(3));
    assertThat(ids(result, "failed"))
        .containsExactly(volume.points().get(1), volume.points().get(2));
    assertThat(result.err()).contains(volume.points().get(1));
    kedge()
        .run(
            "copy",
            volume.points().get(2),
            "--from",
            volume.target().toString(),
            "--to",
            folder.toString())
        .fails(6, volume.points().get(1));
    Files.write(file, content);
    copy(volume, folder, "--all");
    holds(volume, folder, volume.points());
  }

  @Test
  void eachSideHasItsPassphrase() throws IOException {
    Protected volume = withHistory(6 * MIB, 2);
    Path one = EncryptedVolume.passphraseFile(newPath("one"), "the first one");
    Path two = EncryptedVolume.passphraseFile(newPath("two"), "the second one");
    Kedge kedge = kedge().hiding("the first one", "the second one");
    TargetFolder first = newTarget();
    TargetFolder second = newTarget();
    TargetFolder plain = newTarget();
    for (List<Object> made : List.of(List.<Object>of(first, one), List.<Object>of(second, two))) {
      kedge
          .run(
              "init",
              "--encrypt",
              "--target",
              made.get(0).toString(),
              "--passphrase-file",
              made.get(1).toString())
          .exits(0);
    }
    String from = volume.target().toString();
    kedge
        .run(
            "copy",
            "--all",
            "--from",
            from,
            "--to",
            first.toString(),
            "--to-passphrase-file",
            one.toString())
        .exits(0);
    kedge
        .with(
            Map.of(
                "KEDGE_FROM_PASSPHRASE_FILE",
                one.toString(),
                "KEDGE_TO_PASSPHRASE",
                "the second one"))
        .run("copy", "--all", "--from", first.toString(), "--to", second.toString())
        .exits(0);
    kedge
        .run(
            "copy",
            "--all",
            "--from",
            second.toString(),
            "--from-passphrase-file",
            one.toString(),
            "--to",
            plain.toString())
        .fails(8, second.toString());
    // What was encrypted does not end up in the clear unasked.
    String[] inTheClear = {
      "copy",
      "--all",
      "--from",
      second.toString(),
      "--from-passphrase-file",
      two.toString(),
      "--to",
      plain.toString()
    };
    kedge.run(inTheClear).fails(1, "kedge init", plain.toString());
    assertThat(plain.path()).doesNotExist();
    kedge.run("init", "--target", plain.toString()).exits(0);
    kedge.run(inTheClear).exits(0);
    holds(volume, plain, volume.points());
    Outcome restored =
        kedge.run(
            "restore",
            volume.newest(),
            "--target",
            second.toString(),
            "--passphrase-file",
            two.toString(),
            "--to",
            "-");
    assertThat(Hashes.sha256(restored.exits(0))).isEqualTo(volume.sha256(volume.newest()));
  }

  @Test
  void whatCannotBeMeantIsSaid() {
    Protected volume = withHistory(4 * MIB, 0);
    String from = volume.target().toString();
    String to = newTarget().toString();
    kedge().run("copy", "--from", from, "--to", to).fails(2, "--all");
    kedge().run("copy", "1234", "--all", "--from", from, "--to", to).fails(2, "--all");
    kedge().run("copy", "--all", "--flatten", "--from", from, "--to", to).fails(2, "--flatten");
    kedge().run("copy", "12345678", "--from", from, "--to", to).fails(3, "12345678");
    kedge().run("copy", "--all", "--from", from, "--to", from).fails(1, "one repository");
    kedge().run("copy", "--all", "--from", to, "--to", from).fails(5, to);
    kedge()
        .run("copy", "--all", "--from", from, "--to", to, "--compression", "lz4")
        .fails(2, "lz4", "zstd");
    kedge()
        .run("copy", "--all", "--from", from, "--to", to, "--cluster-size", "3K")
        .fails(2, "power of two");
    kedge()
        .run("copy", "--all", "--from", from, "--to", to, "--to-passphrase-file", "/nonexistent")
        .fails(1, "kedge init --encrypt");
    assertThat(Path.of(to)).doesNotExist();
  }
}
