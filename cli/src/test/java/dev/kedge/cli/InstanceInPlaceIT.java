package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.LabGuest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.RawDisk;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.testing.LabCloud;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Disks of a server that exists, taken back while its guest runs, on the lab's OpenStack. */
@Tag("openstack")
@EnabledIfEnvironmentVariable(named = "KEDGE_LAB_OPENSTACK", matches = ".+")
final class InstanceInPlaceIT extends CliTest {
  private final LabCloud lab = new LabCloud();
  private Path config;
  private Path target;
  private LabGuest guest;
  private String image;

  @BeforeAll
  void boot() throws IOException {
    config = newPath("kedge.yaml");
    Files.writeString(config, LabGuest.kedgeYaml());
    target = newPath("target");
    guest = LabGuest.boot(lab, "guest");
    Volume volume = guest.attachVolume("ceph2");
    image = "volumes2/volume-" + volume.id();
    // The guest takes it into use when it sees it.
    guest.run("until [ -s /data/vdb/marker ]; do sleep 1; done");
  }

  @AfterAll
  void leave() {
    lab.close();
  }

  private Outcome instance(String... words) {
    List<String> line = new ArrayList<>(List.of("instance"));
    line.addAll(Arrays.asList(words));
    line.addAll(List.of("--target", target.toString()));
    return kedge()
        .with(Map.of("OS_CLOUD", "kedge-demo", "KEDGE_CONFIG", config.toString()))
        .run(line.toArray(String[]::new));
  }

  @Test
  void oneDiskOfARunningInstanceGoesBackAndAnotherStays() {
    guest.run("echo before | tee /data/vdb/proof /proof; sync");
    String point =
        instance("backup", guest.name(), "--output", "json")
            .exits(0)
            .json()
            .get("instances")
            .get(0)
            .get("restorePoint")
            .asString();
    guest.run("echo after | tee /data/vdb/proof /proof; sync");
    instance("restore", point, "--in-place", "--disks", "vdz").fails(1, "no disk vdz");
    Outcome restored =
        instance("restore", point, "--in-place", "--disks", "vdb", "--output", "json").exits(0);
    assertThat(restored.json().get("disks").size()).isEqualTo(1);
    assertThat(restored.json().get("disks").get(0).get("disk").asString()).isEqualTo("vdb");
    assertThat(guest.runs()).isTrue();
    guest.run("until [ -s /data/vdb/proof ]; do sleep 1; done");
    assertThat(guest.run("cat /data/vdb/proof /proof").lines()).containsExactly("before", "after");

    guest.stop();
    String stopped = RawDisk.digest(image);
    instance("restore", point, "--in-place").exits(0);
    assertThat(lab.demo().nova().servers().get(guest.id()).status()).isEqualTo("SHUTOFF");
    assertThat(RawDisk.digest(image)).isNotEqualTo(stopped);
    kedge()
        .run("restore", "--undo", "--target", target.toString(), "--to", "rbd:" + image)
        .exits(0);
    assertThat(RawDisk.digest(image)).isEqualTo(stopped);
  }
}
