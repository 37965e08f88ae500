package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.InstanceCli;
import dev.kedge.cli.testing.LabGuest;
import dev.kedge.cli.testing.Programs;
import dev.kedge.openstack.testing.LabCloud;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import tools.jackson.databind.JsonNode;

/** What Nova leaves of a protected server that it deletes, and what becomes of that. */
@Tag("openstack")
@EnabledIfEnvironmentVariable(named = "KEDGE_LAB_OPENSTACK", matches = ".+")
final class NovaLeftoversIT extends CliTest {
  private static final int FAILED = 1;

  private final LabCloud cloud = new LabCloud();
  private LabGuest guest;

  @BeforeAll
  void boot() {
    guest = LabGuest.boot(cloud, "doomed");
  }

  @AfterAll
  void leave() {
    cloud.close();
  }

  private InstanceCli cli(String yaml) {
    return new InstanceCli(kedge(), newPath("kedge.yaml"), yaml, newPath("target"));
  }

  private String image() {
    return guest.id() + "_disk";
  }

  private String ownSnapshots() {
    return Programs.run("rbd", "snap", "ls", "vms/" + image());
  }

  private static boolean isInPool(String image) {
    return Programs.run("rbd", "-p", "vms", "ls").lines().anyMatch(image::equals);
  }

  private JsonNode rootOf(InstanceCli cli) {
    return cli.run("backup", guest.id(), "--consistency", "crash")
        .exits(0)
        .json()
        .get("instances")
        .get(0)
        .get("disks")
        .get(0);
  }

  @Test
  void aDiskOfNovasGoesWhenNovaSaysThatItsServerWasDeletedAndNotBefore() {
    InstanceCli bare =
        cli(LabGuest.kedgeYaml().replace("pool: vms", "pool: vms, retain_snapshots: false"));
    assertThat(rootOf(bare).get("kind").asString()).isEqualTo("full");
    assertThat(ownSnapshots()).doesNotContain("backup.");
    assertThat(rootOf(bare).get("kind").asString()).isEqualTo("rebased");
    assertThat(ownSnapshots()).doesNotContain("backup.");

    InstanceCli usual = cli(LabGuest.kedgeYaml());
    rootOf(usual);
    assertThat(ownSnapshots()).contains("backup.");
    assertThat(leftovers(usual, "kedge-demo", 0)).isEmpty();
    assertThat(leftovers(usual, "kedge-other", 0).get(0).get("fate").asString())
        .isEqualTo("unknown");
    guest.delete();
    assertThat(isInPool(image())).as("Nova leaves it").isTrue();

    // Another project's user sees no such server, and that proves nothing.
    JsonNode unknown = leftovers(usual, "kedge-other", 0).get(0);
    assertThat(unknown.get("fate").asString()).isEqualTo("unknown");
    assertThat(unknown.get("detail").asString()).contains("operator");
    assertThat(leftovers(usual, "kedge-demo", 0, "--dry-run").get(0).get("fate").asString())
        .isEqualTo("removable");
    assertThat(isInPool(image())).isTrue();

    Programs.run("rbd", "snap", "create", "--no-progress", "vms/" + image() + "@somebody");
    assertThat(leftovers(usual, "kedge-demo", FAILED).get(0).get("detail").asString())
        .contains("somebody");
    assertThat(ownSnapshots()).contains("backup.");
    Programs.run("rbd", "snap", "rm", "--no-progress", "vms/" + image() + "@somebody");

    assertThat(leftovers(usual, "kedge-demo", 0).get(0).get("fate").asString())
        .isEqualTo("removed");
    assertThat(isInPool(image())).isFalse();
    assertThat(leftovers(usual, "kedge-admin", 0)).isEmpty();
    usual.isSound();
  }

  private static JsonNode leftovers(InstanceCli cli, String user, int status, String... options) {
    String[] words = new String[options.length + 1];
    words[0] = "clean-up";
    System.arraycopy(options, 0, words, 1, options.length);
    return cli.runAs(user, words).exits(status).json().get("leftovers");
  }
}
