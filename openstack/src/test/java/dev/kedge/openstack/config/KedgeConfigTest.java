package dev.kedge.openstack.config;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.ceph.CephOptions;
import dev.kedge.openstack.cloud.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KedgeConfigTest {
  @TempDir Path folder = Path.of("");

  private Surroundings surroundings(Map<String, String> variables) {
    return new Surroundings(variables, folder, folder.resolve("home"), folder.resolve("etc"));
  }

  private KedgeConfig parse(String text) {
    return KedgeConfig.parse(text, "kedge.yaml", surroundings(Map.of()));
  }

  @Test
  void withoutAFileThereIsOneClusterWithTheUsualPools() {
    KedgeConfig config = KedgeConfig.load(null, surroundings(Map.of()));
    assertThat(config.clusters()).containsExactly(Map.entry("default", CephOptions.defaults()));
    assertThat(config.otherBackends()).contains(new PoolPlace("default", "volumes", ""));
    assertThat(config.nova()).contains(new PoolPlace("default", "vms", ""));
  }

  @Test
  void threeLinesServeForOneCluster() {
    KedgeConfig config =
        parse(
            """
            clusters: {main: {user: cinder, conf: /etc/ceph/main.conf}}
            backends: {"*": {pool: ssd}}
            nova: {pool: instances, namespace: n}
            """);
    assertThat(config.clusters())
        .containsExactly(
            Map.entry(
                "main",
                CephOptions.defaults()
                    .withUser("cinder", null)
                    .withConfFile(Path.of("/etc/ceph/main.conf"))));
    assertThat(config.otherBackends()).contains(new PoolPlace("main", "ssd", ""));
    assertThat(config.nova()).contains(new PoolPlace("main", "instances", "n"));
  }

  @Test
  void snapshotsStayOnNovasDisksUnlessToldOtherwise() {
    assertThat(parse("").novaRetainsSnapshots()).isTrue();
    assertThat(parse("nova: {pool: vms}").novaRetainsSnapshots()).isTrue();
    KedgeConfig config = parse("nova: {retain_snapshots: false}");
    assertThat(config.novaRetainsSnapshots()).isFalse();
    assertThat(config.nova()).contains(new PoolPlace("default", "vms", ""));
    assertThat(assertFails(ErrorCode.USAGE, () -> parse("nova: {retain_snapshots: sometimes}")))
        .hasMessageContaining("nova.retain_snapshots should be true or false");
    // Cinder removes our snapshots itself.
    assertThat(
            assertFails(ErrorCode.USAGE, () -> parse("backends: {a: {retain_snapshots: false}}")))
        .hasMessageContaining("backends.a.retain_snapshots");
  }

  @Test
  void severalClustersAreToldApartByBackend() {
    KedgeConfig config =
        parse(
            """
            clusters:
              north: {conf: north.conf, keyring: ~/north.keyring}
              south: {conf: south.conf}
            backends:
              ceph-north: {cluster: north}
              node1@ceph-south: {cluster: south, pool: bulk}
            """);
    assertThat(config.backend(List.of("node1@ceph-south#pool", "node1@ceph-south", "ceph-north")))
        .contains(new PoolPlace("south", "bulk", ""));
    assertThat(config.backend(List.of("ceph-north")))
        .contains(new PoolPlace("north", "volumes", ""));
    assertThat(config.otherBackends()).isEmpty();
    assertThat(config.nova()).isEmpty();
    assertThat(config.clusters())
        .containsEntry(
            "north",
            CephOptions.defaults()
                .withUser("admin", folder.resolve("home/north.keyring"))
                .withConfFile(folder.resolve("north.conf")));
  }

  @Test
  void anUnknownKeyStopsTheStartWithTheNearestKnownOne() {
    assertThat(assertFails(ErrorCode.USAGE, () -> parse("cluster: {}\n x: 1")))
        .hasMessageContaining("kedge.yaml");
    assertThat(assertFails(ErrorCode.USAGE, () -> parse("backend: {}")))
        .hasMessageContainingAll("kedge.yaml", "backend;", "backends?");
    assertThat(assertFails(ErrorCode.USAGE, () -> parse("clusters: {a: {kering: x}}")))
        .hasMessageContainingAll("clusters.a.kering", "keyring?");
    assertThat(assertFails(ErrorCode.USAGE, () -> parse("nova: {pol: x}")))
        .hasMessageContainingAll("nova.pol", "pool?");
  }

  @Test
  void anUnclearOrUnknownClusterIsNamed() {
    assertThat(
            assertFails(
                ErrorCode.USAGE,
                () -> parse("clusters: {a: {user: x}, b: {user: y}}\nnova: {pool: vms}")))
        .hasMessageContainingAll("nova", "a, b");
    assertThat(
            assertFails(
                ErrorCode.USAGE,
                () -> parse("clusters: {a: {user: x}}\nbackends: {c: {cluster: d}}")))
        .hasMessageContainingAll("backends.c", "cluster d", "only a");
  }

  @Test
  void theNearestFileCounts() throws IOException {
    Path etc = write("etc/kedge/kedge.yaml", "nova: {pool: etc}");
    assertThat(pool(KedgeConfig.load(null, surroundings(Map.of())))).isEqualTo("etc");
    write("home/.config/kedge/kedge.yaml", "nova: {pool: home}");
    assertThat(pool(KedgeConfig.load(null, surroundings(Map.of())))).isEqualTo("home");
    Path named = write("named.yaml", "nova: {pool: named}");
    Surroundings naming = surroundings(Map.of("KEDGE_CONFIG", named.toString()));
    assertThat(pool(KedgeConfig.load(null, naming))).isEqualTo("named");
    assertThat(pool(KedgeConfig.load(etc, naming))).isEqualTo("etc");
  }

  @Test
  void aNamedFileThatIsMissingIsNotPassedOver() {
    assertThat(
            assertFails(
                ErrorCode.NOT_FOUND,
                () -> KedgeConfig.load(folder.resolve("no.yaml"), surroundings(Map.of()))))
        .hasMessageContaining("no.yaml");
  }

  private static String pool(KedgeConfig config) {
    return config.nova().orElseThrow().pool();
  }

  private Path write(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }
}
