package dev.kedge.cli.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.engine.verify.Verify;
import dev.kedge.repository.Repository;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** An image with its backups on one target, and what each of them has to hold. Not thread-safe. */
public final class Protected {
  private final Kedge kedge;
  private final TestImage image;
  private final TargetFolder target;
  private final Map<String, String> sha256ByPoint = new LinkedHashMap<>();

  /** An image to be backed up to this target. */
  public Protected(Kedge kedge, TestImage image, TargetFolder target) {
    this.kedge = kedge;
    this.image = image;
    this.target = target;
  }

  /** The same restore points, which the backups of this image go on with. */
  public Protected goingOnWith(TestImage moved) {
    Protected next = new Protected(kedge, moved, target);
    next.sha256ByPoint.putAll(sha256ByPoint);
    return next;
  }

  /** The image. */
  public TestImage image() {
    return image;
  }

  /** The target. */
  public TargetFolder target() {
    return target;
  }

  /** The command. */
  public Kedge kedge() {
    return kedge;
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
    remember(outcome.text("restorePoint"));
    return outcome;
  }

  /** Remembers that the image now holds what this restore point has to hold. */
  public void remember(String point) {
    remember(point, image.sha256());
  }

  /** Remembers what a restore point that came from elsewhere has to hold. */
  public void remember(String point, String sha256) {
    sha256ByPoint.put(point, sha256);
  }

  /** Remembers restore points that were committed by a run which could not say so. */
  public void rememberNew() {
    Set<String> committed = new TreeSet<>(target.points("json"));
    committed.removeAll(sha256ByPoint.keySet());
    assertThat(committed).as("restore points of one killed run").hasSizeLessThan(2);
    committed.forEach(this::remember);
  }

  /** Forgets restore points that are meant to be gone. */
  public void forget(Collection<String> points) {
    sha256ByPoint.keySet().removeAll(Set.copyOf(points));
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
    String hash = sha256ByPoint.get(point);
    assertThat(hash).as("what is remembered of " + point).isNotNull();
    return String.valueOf(hash);
  }

  /** The name of the RBD snapshot of a restore point. */
  public String snapshotOf(String point) {
    return target.manifest(point).get("snapshot").get("name").asString();
  }

  /** Checks that {@code kedge verify --all} finds nothing wrong. */
  public void verifies() {
    kedge.run("verify", "--all", "--target", target.toString()).exits(0);
  }

  /** The same check without a process of its own, which is quicker. */
  public void verifiesInProcess() {
    List<PointReport> reports =
        new Verify(2, null, Progress.NONE, new CancelToken()).all(Repository.open(target.open()));
    assertThat(reports).hasSameSizeAs(points()).allMatch(PointReport::isSound);
  }

  /** Checks, by qemu-img, that one restore point holds what it has to. */
  public void holds(String point) {
    assertThat(target.sha256ByQemu(point)).as("content of " + point).isEqualTo(sha256(point));
  }

  /** Checks that exactly the remembered restore points are there, and hold what they have to. */
  public void isIntact() {
    assertThat(target.points("json")).isEqualTo(sha256ByPoint.keySet());
    points().forEach(this::holds);
    verifies();
  }

  /** Checks that a restore by the command gives every point's content. */
  public void restoresAll() {
    for (String point : points()) {
      Outcome outcome = kedge.run("restore", point, "--target", target.toString(), "--to", "-");
      assertThat(Hashes.sha256(outcome.exits(0)))
          .as("restore of " + point)
          .isEqualTo(sha256(point));
    }
  }

  /** Checks that the newest point's snapshot is left on the image, and no other; no stray files. */
  public void isTidy() {
    target.isTidy();
    assertThat(image.snapshots()).containsExactly(snapshotOf(newest()));
  }
}
