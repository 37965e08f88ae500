package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.KillMoment.AtFile;
import dev.kedge.cli.testing.KillMoment.Watched;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.SmallDisk;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Backup targets that are full, read-only, gone, or no targets at all. */
final class TargetTroubleIT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void aFullTargetEndsTheBackupAndLeavesTheOldChain() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(newPath("disk"), 16 * MIB)) {
      TestImage image = TestImage.create(lab(), 24 * MIB);
      image.fill(random, 0, 6 * MIB);
      Protected volume = new Protected(kedge(), image, new TargetFolder(disk.path()));
      volume.backup();
      image.fill(random, 6 * MIB, 12 * MIB);
      List<String> snapshots = image.snapshots();
      for (String compression : List.of("none", "zstd")) {
        kedge()
            .run(
                "backup",
                image.location(),
                "--target",
                disk.toString(),
                "--compression",
                compression)
            .fails(5, disk.toString(), "full");
        assertThat(image.snapshots()).isEqualTo(snapshots);
        volume.target().isTidy();
        volume.verifies();
      }
      Path ballast = disk.path().resolve("images/ballast");
      Files.write(ballast, new byte[Math.toIntExact(disk.freeBytes() / 4096 * 4096)]);
      kedge()
          .run("backup", image.location(), "--target", disk.toString())
          .fails(5, disk.toString(), "full");
      Files.delete(ballast);
      disk.grow(64 * MIB);
      assertThat(volume.backup().text("kind")).isEqualTo("incremental");
      volume.isTidy();
      volume.restoresAll();
    }
  }

  @Test
  void aFirstBackupThatFindsNoRoomLeavesNoSnapshot() {
    try (SmallDisk disk = SmallDisk.mount(newPath("disk"), 2 * MIB)) {
      TestImage image = TestImage.create(lab(), 8 * MIB);
      image.fill(random, 0, 8 * MIB);
      kedge()
          .run("backup", image.location(), "--target", disk.toString())
          .fails(5, disk.toString(), "full");
      assertThat(image.snapshots()).isEmpty();
      assertThat(new TargetFolder(disk.path()).files(".qcow2")).isEmpty();
    }
  }

  @Test
  void aRestoreToAFullDiskSaysSoAndLeavesNothing() {
    Protected volume = newProtected(24 * MIB, random);
    volume.image().fill(random, 0, 12 * MIB);
    volume.backup();
    try (SmallDisk disk = SmallDisk.mount(newPath("disk"), 8 * MIB)) {
      for (String name : List.of("disk.raw", "disk.qcow2")) {
        kedge()
            .run(
                "restore",
                volume.newest(),
                "--target",
                volume.target().toString(),
                "--to",
                disk.path().resolve(name).toString())
            .fails(5, disk.path().resolve(name).toString(), "No space left");
        assertThat(disk.path()).isEmptyDirectory();
      }
    }
  }

  @Test
  void aReadOnlyTargetCanBeReadAndNotWritten() {
    try (SmallDisk disk = SmallDisk.mount(newPath("disk"), 32 * MIB)) {
      TestImage image = TestImage.create(lab(), 8 * MIB);
      image.fill(random, 0, 2 * MIB);
      Protected volume = new Protected(kedge(), image, new TargetFolder(disk.path()));
      volume.backup();
      disk.makeReadOnly();
      kedge()
          .run("backup", image.location(), "--target", disk.toString())
          .fails(5, disk.toString(), "Read-only file system");
      assertThat(image.snapshots()).containsExactly(volume.snapshotOf(volume.newest()));
      kedge().run("list", "--target", disk.toString()).exits(0);
      volume.verifies();
      volume.restoresAll();
    }
  }

  @Test
  void aTargetThatIsMissingIsSaidToBe() {
    Path missing = newPath("missing");
    for (String command : List.of("list", "verify")) {
      List<String> words = new ArrayList<>(List.of(command, "--target", missing.toString()));
      if (command.equals("verify")) {
        words.add("--all");
      }
      kedge().run(words.toArray(String[]::new)).fails(5, missing.toString(), "mounted");
    }
    TestImage image = TestImage.create(lab(), 4 * MIB);
    kedge()
        .run("backup", image.location(), "--target", missing.resolve("below").toString())
        .fails(5, missing.toString(), "mounted");
    assertThat(image.snapshots()).isEmpty();
  }

  @Test
  void aTargetThatVanishesIsNotMadeAnew() throws IOException {
    Protected volume = newProtected(16 * MIB, random);
    volume.backup();
    volume.image().scribble(random, 20);
    Path away = newPath("away");
    Watched before = new Watched(volume);
    Running running =
        kedge()
            .start(
                "backup",
                volume.image().location(),
                "--target",
                volume.target().toString(),
                "--full",
                "--max-rate",
                "4M");
    new AtFile(".qcow2", Duration.ofMillis(500)).await(running, before);
    Files.move(volume.target().path(), away);
    Outcome failed = running.await();
    assertThat(volume.target().path()).doesNotExist();
    failed.exits(5);
    assertThat(failed.err()).contains(volume.target().toString(), "is it mounted?");
    Files.move(away, volume.target().path());
    assertThat(volume.backup().text("kind")).isEqualTo("incremental");
    volume.isTidy();
    volume.isIntact();
  }

  @Test
  void aDirectoryThatHoldsSomethingElseIsRefused() throws IOException {
    Path folder = Files.createDirectory(newPath("photos"));
    Files.writeString(folder.resolve("holiday.jpg"), "x");
    TestImage image = TestImage.create(lab(), 4 * MIB);
    kedge()
        .run("backup", image.location(), "--target", folder.toString())
        .fails(1, folder.toString(), "not empty");
    kedge()
        .run("list", "--target", folder.toString())
        .fails(3, folder.toString(), "no Kedge repository");
    assertThat(new TargetFolder(folder).files()).hasSize(1);
    assertThat(image.snapshots()).isEmpty();
  }

  @Test
  void aFileIsNoTarget() throws IOException {
    Path file = Files.createFile(newPath("file"));
    TestImage image = TestImage.create(lab(), 4 * MIB);
    kedge().run("backup", image.location(), "--target", file.toString()).fails(5, file.toString());
    kedge().run("list", "--target", file.toString()).fails(5, file.toString());
  }

  @Test
  void aTargetWithoutPermissionIsSaidToBe() {
    Protected volume = newProtected(4 * MIB, random);
    volume.backup();
    Programs.run("chown", "-R", "65534", volume.target().toString());
    // Somebody else may not read what Kedge has written. The same user, since the build may lie
    // where another one may not even start it, as below /root.
    String withoutRootsRights = "-dac_override,-dac_read_search";
    kedge()
        .behind("setpriv", "--bounding-set", withoutRootsRights, "--inh-caps", withoutRootsRights)
        .run("list", "--target", volume.target().toString())
        .fails(5, volume.target().toString(), "permission");
  }
}
