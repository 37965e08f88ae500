package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Damage;
import dev.kedge.cli.testing.EncryptedVolume;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.Kedge;
import dev.kedge.cli.testing.KillMoment;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.SmallDisk;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Encrypted repositories, as a user meets them. */
final class EncryptionIT extends CliTest {
  private static final String CANARY = "this sentence is on the disk and nowhere else ";

  private final SplittableRandom random = new SplittableRandom(SEED);

  private EncryptedVolume newVolume(int sizeBytes) {
    TestImage image = TestImage.create(lab(), sizeBytes);
    image.fill(random, 0, sizeBytes / 4);
    image.write(sizeBytes / 2, CANARY.repeat(1000).getBytes(StandardCharsets.US_ASCII));
    return EncryptedVolume.create(kedge(), image, newTarget());
  }

  private EncryptedVolume newChain() {
    EncryptedVolume volume = newVolume(4 * MIB);
    volume.backup("--cluster-size", "64K");
    for (String options : List.of("--cluster-size=4K", "--compression=zstd")) {
      volume.image().scribble(random, 12);
      volume.backup(options);
    }
    return volume;
  }

  private static String sha256ByQemu(Path qcow2) {
    Path raw = Path.of(qcow2 + ".raw");
    Programs.run(
        "qemu-img", "convert", "-f", "qcow2", "-O", "raw", qcow2.toString(), raw.toString());
    return Hashes.sha256(raw);
  }

  @Test
  void everyRestorePointComesBackByEveryWay() throws IOException {
    EncryptedVolume volume = newChain();
    String target = volume.target().toString();
    volume.isIntact();
    volume.kedge().run("verify", volume.newest(), "--source", "--target", target).exits(0);
    // Whoever decrypts needs nothing but the files and the passphrase.
    Kedge offline = volume.kedge().with(Map.of("CEPH_CONF", "/nonexistent/ceph.conf"));
    for (String point : volume.points()) {
      Path folder = Files.createDirectory(newPath("decrypted"));
      Path flat = folder.resolve("flat.qcow2");
      offline.run("decrypt", point, "--target", target, "--to", flat.toString()).exits(0);
      Programs.run("qemu-img", "check", flat.toString());
      assertThat(sha256ByQemu(flat)).isEqualTo(volume.sha256(point));
      Path chain = folder.resolve("chain");
      Outcome outcome =
          offline
              .run(
                  "decrypt",
                  point,
                  "--target",
                  target,
                  "--chain",
                  "--to",
                  chain.toString(),
                  "-o",
                  "json")
              .exits(0);
      Path top = Path.of(outcome.text("file"));
      assertThat(top).isEqualTo(chain.resolve(point + ".qcow2"));
      assertThat(outcome.json().get("files")).hasSize(volume.points().indexOf(point) + 1);
      Programs.run("qemu-img", "check", top.toString());
      assertThat(sha256ByQemu(top)).isEqualTo(volume.sha256(point));
      assertThat(byPython(volume, top.getFileName())).isEqualTo(Hashes.sha256(top));
      offline
          .run("decrypt", point, "--target", target, "--chain", "--to", chain.toString())
          .fails(1, "exists", "--overwrite");
      offline
          .run(
              "decrypt",
              point,
              "--target",
              target,
              "--chain",
              "--to",
              chain.toString(),
              "--overwrite")
          .exits(0);
    }
    String restored = volume.image().location() + "-restored";
    volume.kedge().run("restore", volume.newest(), "--target", target, "--to", restored).exits(0);
    assertThat(volume.image().sha256Of(volume.image().name() + "-restored"))
        .isEqualTo(volume.sha256(volume.newest()));
    offline.run("decrypt", volume.newest(), "--target", target, "--to", "x").fails(2, "FILE.qcow2");
  }

  /** By docs/decrypt.py. */
  private static String byPython(EncryptedVolume volume, Path file) {
    Path root = Objects.requireNonNull(Kedge.program().getParent()).resolveSibling("docs");
    String image =
        String.valueOf(
            Objects.requireNonNull(volume.target().files(".qcow2").getFirst().getParent())
                .getFileName());
    return Programs.run(
            "sh",
            "-c",
            "KEDGE_PASSPHRASE='%s' %s/decrypt.py %s images/%s/%s | sha256sum"
                .formatted(EncryptedVolume.PASSPHRASE, root, volume.target(), image, file))
        .substring(0, 64);
  }

  @Test
  void nothingOfTheDiskOrItsNameIsInTheRepository() throws IOException {
    EncryptedVolume volume = newChain();
    for (Path file : volume.target().files()) {
      String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
      assertThat(bytes)
          .as("%s", file)
          .doesNotContain(CANARY, volume.image().name(), EncryptedVolume.PASSPHRASE)
          .doesNotContain("QFI\u00fb", "KEDGSUMS");
    }
    assertThat(
            Programs.status(
                    "qemu-img", "check", volume.target().files(".qcow2").getFirst().toString())
                .status())
        .isNotZero();
    String target = volume.target().toString();
    String newest = volume.newest();
    assertThat(volume.kedge().run("show", newest, "--target", target).exits(0).out())
        .contains("kedge decrypt");
    assertThat(
            volume
                .kedge()
                .run("list", "--target", target, "-o", "json")
                .json()
                .get("encrypted")
                .asBoolean())
        .isTrue();
  }

  @Test
  void thePassphraseComesFromAFileTheEnvironmentOrAPipe() throws IOException {
    EncryptedVolume volume = newVolume(2 * MIB);
    volume.backup();
    String target = volume.target().toString();
    String passphrase = EncryptedVolume.PASSPHRASE;
    Kedge kedge = kedge().hiding(passphrase, "not the passphrase");
    Path file = EncryptedVolume.passphraseFile(newPath("file"), passphrase);
    kedge.run("list", "--target", target, "--passphrase-file", file.toString()).exits(0);
    kedge.with(Map.of("KEDGE_PASSPHRASE", passphrase)).run("list", "--target", target).exits(0);
    kedge
        .behind(
            "bash", "-c", "printf '%s\\n' '" + passphrase + "' | \"$@\" --passphrase-file -", "-")
        .run("list", "--target", target)
        .exits(0);
    kedge
        .behind("bash", "-c", "\"$@\" --passphrase-file <(printf '%s' '" + passphrase + "')", "-")
        .run("list", "--target", target)
        .exits(0);
    for (String command : List.of("list", "verify --all", "backup " + volume.image().location())) {
      List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
      words.addAll(List.of("--target", target));
      kedge
          .run(words.toArray(String[]::new))
          .fails(8, "--passphrase-file", "KEDGE_PASSPHRASE_FILE", "KEDGE_PASSPHRASE", "terminal");
    }
    kedge
        .with(Map.of("KEDGE_PASSPHRASE", "not the passphrase"))
        .run("list", "--target", target)
        .fails(8, "Wrong passphrase", target);
    kedge
        .run("list", "--target", target, "--passphrase-file", "/nonexistent")
        .fails(8, "/nonexistent", "does not exist");
    Programs.run("chmod", "640", file.toString());
    kedge
        .run("list", "--target", target, "--passphrase-file", file.toString())
        .fails(8, file.toString(), "chmod 600");
    for (String content : List.of("", "\n", "two\nlines\n")) {
      Path bad = EncryptedVolume.passphraseFile(newPath("bad"), "");
      Files.writeString(bad, content);
      kedge
          .run("list", "--target", target, "--passphrase-file", bad.toString())
          .fails(8, bad.toString());
    }
  }

  @Test
  void aTerminalIsAsked() {
    EncryptedVolume volume = newVolume(2 * MIB);
    volume.backup();
    String list = Kedge.program() + " list --target " + volume.target();
    assertThat(atTerminal(list, EncryptedVolume.PASSPHRASE))
        .contains("Passphrase for " + volume.target(), volume.newest())
        .doesNotContain(EncryptedVolume.PASSPHRASE);
    assertThat(atTerminal(list, "wrong")).contains("Wrong passphrase");
    String init = Kedge.program() + " init --encrypt --target " + newPath("asked");
    assertThat(atTerminal(init, "one", "another")).contains("differ");
    assertThat(atTerminal(init, "one", "one")).contains("made encrypted repository");
  }

  /** What is seen of a command in a terminal where these lines are typed. */
  private static String atTerminal(String command, String... lines) {
    // Typed ahead: a terminal that is not read from keeps what was typed, but would echo it.
    return Programs.run(
        "python3",
        "-c",
        """
        import os, pty, sys
        pid, fd = pty.fork()
        if pid == 0:
            os.execvp("sh", ["sh", "-c", sys.argv[1]])
        seen, lines = b"", sys.argv[2:]
        while True:
            try:
                data = os.read(fd, 1024)
            except OSError:
                break
            seen += data
            if data.endswith(b": ") and lines:
                os.write(fd, lines.pop(0).encode() + b"\\n")
        os.waitpid(pid, 0)
        sys.stdout.write(seen.decode())
        """,
        command,
        lines.length > 0 ? lines[0] : "",
        lines.length > 1 ? lines[1] : "");
  }

  @Test
  void keysComeAndGoAndNothingElseChanges() throws IOException {
    EncryptedVolume volume = newVolume(2 * MIB);
    volume.backup();
    String target = volume.target().toString();
    String hashes = hashesOfData(volume.target());
    Path second = EncryptedVolume.passphraseFile(newPath("second"), "the second one");
    Path third = EncryptedVolume.passphraseFile(newPath("third"), "the third one");
    Kedge kedge = volume.kedge();
    assertThat(
            kedge
                .run(
                    "key",
                    "add",
                    "--target",
                    target,
                    "--new-passphrase-file",
                    second.toString(),
                    "--label",
                    "in the safe",
                    "-o",
                    "json")
                .exits(0)
                .number("slot"))
        .isEqualTo(2);
    Outcome list = kedge().run("key", "list", "--target", target, "-o", "json").exits(0);
    assertThat(list.json().get("slots")).hasSize(2);
    assertThat(list.out()).contains("in the safe").doesNotContain("salt", "wrapped");
    String[] withSecond = {"list", "--target", target, "--passphrase-file", second.toString()};
    kedge().run(withSecond).exits(0);
    kedge()
        .run(
            "key",
            "change",
            "--target",
            target,
            "--passphrase-file",
            second.toString(),
            "--new-passphrase-file",
            third.toString())
        .exits(0);
    kedge().run(withSecond).fails(8, "Wrong passphrase");
    kedge().run("list", "--target", target, "--passphrase-file", third.toString()).exits(0);
    kedge.run("key", "remove", "1", "--target", target).fails(1, "stays");
    kedge.run("key", "remove", "7", "--target", target).fails(3, "no key slot 7");
    kedge()
        .run("key", "remove", "1", "--target", target, "--passphrase-file", third.toString())
        .exits(0);
    kedge.run("list", "--target", target).fails(8, "Wrong passphrase");
    kedge()
        .run("key", "remove", "2", "--target", target, "--passphrase-file", third.toString())
        .fails(1, "last");
    Kedge left = kedge().with(Map.of("KEDGE_PASSPHRASE_FILE", third.toString()));
    assertThat(
            Hashes.sha256(
                left.run("restore", volume.newest(), "--target", target, "--to", "-").exits(0)))
        .isEqualTo(volume.sha256(volume.newest()));
    assertThat(hashesOfData(volume.target())).isEqualTo(hashes);
    left.run("key", "add", "--target", target)
        .fails(8, "--new-passphrase-file", "KEDGE_NEW_PASSPHRASE");
  }

  private static String hashesOfData(TargetFolder target) {
    StringBuilder hashes = new StringBuilder();
    for (Path file : target.files()) {
      if (!file.endsWith("kedge.json") && !file.toString().contains("/keys/")) {
        hashes.append(file).append(' ').append(Hashes.sha256(file)).append('\n');
      }
    }
    return hashes.toString();
  }

  @Test
  void whoGivesAPassphraseGetsNothingPlain() {
    TestImage image = TestImage.create(lab(), 2 * MIB);
    Path file = EncryptedVolume.passphraseFile(newPath("file"), "x");
    TargetFolder empty = newTarget();
    kedge()
        .run(
            "backup",
            image.location(),
            "--target",
            empty.toString(),
            "--passphrase-file",
            file.toString())
        .fails(1, "kedge init --encrypt");
    kedge()
        .with(Map.of("KEDGE_PASSPHRASE", "x"))
        .run("backup", image.location(), "--target", empty.toString())
        .fails(1, "kedge init --encrypt");
    assertThat(empty.path()).doesNotExist();
    assertThat(image.snapshots()).isEmpty();
    kedge().run("init", "--target", empty.toString()).exits(0);
    kedge()
        .run("list", "--target", empty.toString(), "--passphrase-file", file.toString())
        .fails(1, "not encrypted");
    kedge()
        .with(Map.of("KEDGE_PASSPHRASE", "x"))
        .run("backup", image.location(), "--target", empty.toString())
        .exits(0);
    kedge().run("key", "list", "--target", empty.toString()).fails(1, "not encrypted");
  }

  @Test
  void initIsRepeatedAndChangesNothing() throws IOException {
    Path plain = newPath("plain");
    Path secret = newPath("secret");
    Path file = EncryptedVolume.passphraseFile(newPath("file"), "one");
    Path wrong = EncryptedVolume.passphraseFile(newPath("wrong"), "two");
    for (boolean again : List.of(false, true)) {
      Outcome made = kedge().run("init", "--target", plain.toString(), "--output", "json").exits(0);
      assertThat(made.json().get("created").asBoolean()).isNotEqualTo(again);
      made =
          kedge()
              .run(
                  "init",
                  "--target",
                  secret.toString(),
                  "--encrypt",
                  "--passphrase-file",
                  file.toString(),
                  "-o",
                  "json")
              .exits(0);
      assertThat(made.json().get("created").asBoolean()).isNotEqualTo(again);
    }
    byte[] before = Files.readAllBytes(secret.resolve("kedge.json"));
    kedge()
        .run(
            "init",
            "--target",
            secret.toString(),
            "--encrypt",
            "--passphrase-file",
            wrong.toString())
        .fails(8, "Wrong passphrase");
    kedge().run("init", "--target", secret.toString()).fails(1, "encrypted", "empty place");
    kedge()
        .run(
            "init", "--target", plain.toString(), "--encrypt", "--passphrase-file", file.toString())
        .fails(1, "not encrypted", "empty place");
    assertThat(Files.readAllBytes(secret.resolve("kedge.json"))).isEqualTo(before);
    Path nobody = newPath("nobody");
    kedge().run("init", "--target", nobody.toString(), "--encrypt").fails(8, "--passphrase-file");
    assertThat(nobody).doesNotExist();
    Path photos = Files.createDirectory(newPath("photos"));
    Files.writeString(photos.resolve("holiday.jpg"), "x");
    kedge()
        .run(
            "init",
            "--target",
            photos.toString(),
            "--encrypt",
            "--passphrase-file",
            file.toString())
        .fails(1, "not empty");
  }

  @Test
  void damageIsFoundAndSaidToBeWhatItIs() {
    EncryptedVolume volume = newChain();
    String target = volume.target().toString();
    String full = volume.points().getFirst();
    String other = volume.points().get(1);
    TargetFolder files = volume.target();
    try (Damage swap = Damage.swap(files.file(full, "qcow2"), files.file(other, "qcow2"))) {
      volume
          .kedge()
          .run("restore", full, "--target", target, "--to", newPath("x") + ".raw")
          .fails(6, "another name");
      assertThat(volume.kedge().run("verify", "--all", "--target", target).exits(6).out())
          .as("%s", swap)
          .contains("another name");
    }
    Path data = files.file(full, "qcow2");
    try (Damage flip = Damage.flip(data, 80 + 3 * 65_552 + 100, random)) {
      volume
          .kedge()
          .run("decrypt", full, "--target", target, "--chain", "--to", newPath("x").toString())
          .fails(6, "frame 3");
      assertThat(volume.kedge().run("verify", "--all", "--target", target).exits(6).out())
          .as("%s", flip)
          .contains("frame 3");
    }
    try (Damage cut = Damage.resize(data, data.toFile().length() - 1)) {
      volume
          .kedge()
          .run("decrypt", full, "--target", target, "--to", newPath("x") + ".qcow2")
          .fails(6, "cut");
      assertThat(cut.toString()).contains("cut");
    }
    Path json = files.files("kedge.json").getFirst();
    try (Damage flip = Damage.flip(json, 400, random)) {
      volume
          .kedge()
          .run("list", "--target", target)
          .fails(6, "kedge.json", "damaged", "keys/kedge.json");
      assertThat(flip.toString()).contains("kedge.json");
    }
    try (Damage lost = Damage.delete(json)) {
      volume.kedge().run("list", "--target", target).fails(6, "missing", "keys/kedge.json");
      volume.kedge().run(volume.backupWords()).exits(6);
      Programs.run("cp", target + "/keys/kedge.json", target + "/kedge.json");
      volume.isIntact();
      Programs.run("rm", target + "/kedge.json");
      assertThat(lost.toString()).contains("deleted");
    }
    volume.isIntact();
  }

  @Test
  @Tag("slow")
  void aKilledBackupLosesNothing() {
    EncryptedVolume volume = newVolume(12 * MIB);
    volume.backup();
    List<KillMoment> moments = new ArrayList<>();
    for (int i = 0; i < 2 * THOROUGHNESS; i++) {
      moments.add(new KillMoment.After(java.time.Duration.ofMillis(random.nextInt(2500))));
    }
    for (KillMoment moment : moments) {
      volume.image().scribble(random, 20);
      Running running = volume.kedge().start(volume.backupWords("--full", "--max-rate", "4M"));
      while (running.isAlive() && running.age().compareTo(((KillMoment.After) moment).age()) < 0) {
        java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
      }
      Outcome killed = running.kill();
      volume.rememberNew();
      volume.kedge().run("verify", "--all", "--target", volume.target().toString()).exits(0);
      volume.image().scribble(random, 5);
      assertThat(volume.backup().text("restorePoint")).as("after %s", killed).isNotEmpty();
    }
    volume.isIntact();
    assertThat(volume.target().points("qcow2")).hasSize(volume.points().size());
  }

  @Test
  void aFullTargetEndsTheBackupAndLeavesTheOldChain() {
    try (SmallDisk disk = SmallDisk.mount(newPath("disk"), 16 * MIB)) {
      TestImage image = TestImage.create(lab(), 24 * MIB);
      image.fill(random, 0, 6 * MIB);
      EncryptedVolume volume =
          EncryptedVolume.create(kedge(), image, new TargetFolder(disk.path()));
      volume.backup();
      image.fill(random, 6 * MIB, 12 * MIB);
      volume.kedge().run("backup", image.location(), "--target", disk.toString()).fails(5, "full");
      volume.kedge().run("verify", "--all", "--target", disk.toString()).exits(0);
      disk.grow(64 * MIB);
      assertThat(volume.backup().text("kind")).isEqualTo("incremental");
      volume.isIntact();
    }
  }
}
