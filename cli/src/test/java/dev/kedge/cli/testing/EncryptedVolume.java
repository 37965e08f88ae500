package dev.kedge.cli.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** An image with its backups in an encrypted repository, and what each has to hold. */
public final class EncryptedVolume {
  /** What opens the repository. */
  public static final String PASSPHRASE = "kedge test passphrase 1";

  private final Kedge kedge;
  private final TestImage image;
  private final TargetFolder target;
  private final Map<String, String> sha256ByPoint = new LinkedHashMap<>();

  private EncryptedVolume(Kedge kedge, TestImage image, TargetFolder target) {
    this.kedge = kedge;
    this.image = image;
    this.target = target;
  }

  /** An image, and a new encrypted repository for it in this place. */
  public static EncryptedVolume create(Kedge kedge, TestImage image, TargetFolder target) {
    Path file = Path.of(target.path() + ".passphrase");
    Kedge opening =
        kedge
            .hiding(PASSPHRASE)
            .with(Map.of("KEDGE_PASSPHRASE_FILE", passphraseFile(file, PASSPHRASE).toString()));
    opening.run("init", "--encrypt", "--target", target.toString()).exits(0);
    return new EncryptedVolume(opening, image, target);
  }

  /** A file that only its owner may read. */
  public static Path passphraseFile(Path file, String passphrase) {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      return Files.writeString(file, passphrase + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command, which has the passphrase. */
  public Kedge kedge() {
    return kedge;
  }

  /** The image. */
  public TestImage image() {
    return image;
  }

  /** The repository. */
  public TargetFolder target() {
    return target;
  }

  /** The restore points, the oldest first. */
  public List<String> points() {
    return List.copyOf(sha256ByPoint.keySet());
  }

  /** The newest restore point. */
  public String newest() {
    return points().getLast();
  }

  /** What a restore point has to hold. */
  public String sha256(String point) {
    return String.valueOf(sha256ByPoint.get(point));
  }

  /** The words of a backup. */
  public String[] backupWords(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("backup", image.location(), "--target", target.toString(), "--output", "json"));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  /** Makes a backup that must succeed, and remembers what it has to hold. */
  public Outcome backup(String... more) {
    Outcome outcome = kedge.run(backupWords(more)).exits(0);
    sha256ByPoint.put(outcome.text("restorePoint"), image.sha256());
    return outcome;
  }

  /** Remembers a restore point that was committed by a run which could not say so. */
  public void rememberNew() {
    Set<String> committed = new TreeSet<>();
    kedge
        .run("list", "--target", target.toString(), "--output", "json")
        .exits(0)
        .json()
        .get("restorePoints")
        .forEach(point -> committed.add(point.get("restorePoint").asString()));
    assertThat(committed).containsAll(sha256ByPoint.keySet());
    committed.removeAll(sha256ByPoint.keySet());
    assertThat(committed).as("restore points of one killed run").hasSizeLessThan(2);
    committed.forEach(point -> sha256ByPoint.put(point, image.sha256()));
  }

  /** Checks that all restore points are sound, and restored to what they have to hold. */
  public void isIntact() {
    kedge.run("verify", "--all", "--target", target.toString()).exits(0);
    for (String point : points()) {
      Outcome outcome = kedge.run("restore", point, "--target", target.toString(), "--to", "-");
      assertThat(Hashes.sha256(outcome.exits(0)))
          .as("restore of " + point)
          .isEqualTo(sha256(point));
    }
  }
}
