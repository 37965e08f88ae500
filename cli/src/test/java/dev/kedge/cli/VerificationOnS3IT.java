package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.BucketFolder;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Damage;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.TargetFolder;
import dev.kedge.cli.testing.TestImage;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Damage in a bucket: each kind is found and named, and what Ceph still has comes back. All of it
 * in one repository, since each command on a bucket takes seconds.
 */
@Tag("s3")
final class VerificationOnS3IT extends CliTest {
  private final SplittableRandom random = new SplittableRandom(SEED);

  private Protected newVolume(TargetFolder bucket) {
    TestImage image = TestImage.create(lab(), 4 * MIB);
    image.fill(random, 0, 2 * MIB);
    Protected volume = new Protected(kedge(), image, bucket);
    volume.backup("--cluster-size=64K");
    return volume;
  }

  private static Map<String, JsonNode> byPoint(Outcome outcome) {
    Map<String, JsonNode> points = new HashMap<>();
    outcome
        .json()
        .get("restorePoints")
        .forEach(point -> points.put(point.get("restorePoint").asString(), point));
    return points;
  }

  private static JsonNode of(Map<String, JsonNode> points, String point) {
    return Objects.requireNonNull(points.get(point), point);
  }

  @Test
  void everyDamageIsNamedAndWhatCephStillHasComesBack() {
    TargetFolder bucket = new BucketFolder(newPath("bucket"));
    Protected rotten = newVolume(bucket);
    Protected cut = newVolume(bucket);
    Protected lost = newVolume(bucket);
    // A part of what its full restore point held is in no snapshot any more.
    lost.image().fill(random, 0, 256 << 10);
    lost.backup();
    String full = lost.points().getFirst();
    Path rottenData = bucket.file(rotten.newest(), "qcow2");
    Path cutData = bucket.file(cut.newest(), "qcow2");
    Path lostData = bucket.file(full, "qcow2");
    Damage.flip(rottenData, MIB, random);
    Damage.resize(cutData, MIB);
    Damage.delete(lostData);
    Damage.add(cutData.resolveSibling("core.1234"), "dumped");

    String target = bucket.toString();
    Outcome found = kedge().run("verify", "--all", "--target", target, "-o", "json").exits(6);
    Map<String, JsonNode> reports = byPoint(found);
    assertThat(reports).hasSize(4);
    for (Path damaged : new Path[] {rottenData, cutData, lostData}) {
      String name = String.valueOf(damaged.getFileName());
      JsonNode report = of(reports, name.substring(0, name.indexOf('.')));
      assertThat(report.get("sound").asBoolean()).as("%s", report).isFalse();
      assertThat(report.get("problems").toString()).contains(name);
    }
    assertThat(found.json().get("foreignObjects")).hasSize(1);
    assertThat(found.json().get("foreignObjects").toString()).contains("core.1234");

    Outcome repaired = kedge().run("repair", "--all", "--target", target, "-o", "json").exits(6);
    Map<String, JsonNode> outcomes = byPoint(repaired);
    for (Protected volume : new Protected[] {rotten, cut}) {
      JsonNode outcome = of(outcomes, volume.newest());
      assertThat(outcome.get("outcome").asString()).as("%s", outcome).isEqualTo("repaired");
      volume.holds(volume.newest());
    }
    JsonNode partly = of(outcomes, full);
    assertThat(partly.get("outcome").asString()).as("%s", partly).isEqualTo("partly");
    assertThat(partly.get("lostBytes").asLong()).isEqualTo(256 << 10);
    lost.holds(lost.newest());

    // What is lost stays marked as damaged; nothing else is.
    Outcome after = kedge().run("verify", "--all", "--target", target, "-o", "json").exits(6);
    byPoint(after)
        .forEach((point, report) -> {
          if (report.get("sound").asBoolean() == point.equals(full)) {
            assertThat(report.get("problems").toString()).as(point).contains(full);
          }
        });
    assertThat(of(byPoint(after), full).get("sound").asBoolean()).isFalse();
    assertThat(of(byPoint(after), cut.newest()).get("sound").asBoolean()).isTrue();
    assertThat(of(byPoint(after), rotten.newest()).get("sound").asBoolean()).isTrue();
  }
}
