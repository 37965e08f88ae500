package dev.kedge.openstack.config;

import dev.kedge.ceph.CephOptions;
import dev.kedge.openstack.cloud.Surroundings;
import dev.kedge.openstack.yaml.YamlMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** kedge.yaml to a configuration, every key checked. */
final class KedgeConfigReader {
  private static final String DEFAULT_CLUSTER = "default";
  private static final String OTHER_BACKENDS = "*";
  private static final String VOLUMES_POOL = "volumes";
  private static final String NOVA_POOL = "vms";
  private static final String RETAIN_SNAPSHOTS = "retain_snapshots";

  private final YamlMap yaml;
  private final Surroundings surroundings;

  KedgeConfigReader(YamlMap yaml, Surroundings surroundings) {
    this.yaml = yaml;
    this.surroundings = surroundings;
  }

  KedgeConfig read() {
    yaml.allowOnly(Set.of("clusters", "backends", "nova", "libvirt"));
    Map<String, CephOptions> clusters = clusters();
    Set<String> names = clusters.keySet();
    YamlMap given = yaml.map("backends");
    Map<String, PoolPlace> backends = new LinkedHashMap<>();
    for (String key : given.keys()) {
      backends.put(key, place(given, key, VOLUMES_POOL, names));
    }
    Optional<PoolPlace> others = Optional.ofNullable(backends.remove(OTHER_BACKENDS));
    return new KedgeConfig(
        yaml.file(),
        clusters,
        backends,
        others.or(() -> usual(VOLUMES_POOL, names)),
        yaml.keys().contains("nova")
            ? Optional.of(place(yaml, "nova", NOVA_POOL, names, RETAIN_SNAPSHOTS))
            : usual(NOVA_POOL, names),
        yaml.map("nova").flag(RETAIN_SNAPSHOTS, true),
        libvirtUri());
  }

  private Optional<String> libvirtUri() {
    YamlMap libvirt = yaml.map("libvirt");
    libvirt.allowOnly(Set.of("uri"));
    return Optional.ofNullable(libvirt.text("uri"));
  }

  private Map<String, CephOptions> clusters() {
    YamlMap given = yaml.map("clusters");
    Map<String, CephOptions> clusters = new LinkedHashMap<>();
    for (String name : given.keys()) {
      clusters.put(name, cluster(given.map(name)));
    }
    return clusters.isEmpty() ? Map.of(DEFAULT_CLUSTER, CephOptions.defaults()) : clusters;
  }

  private CephOptions cluster(YamlMap cluster) {
    cluster.allowOnly(Set.of("conf", "user", "keyring"));
    String user = cluster.text("user");
    String keyring = cluster.text("keyring");
    String conf = cluster.text("conf");
    CephOptions options = CephOptions.defaults();
    if (user != null || keyring != null) {
      options =
          options.withUser(
              user == null ? options.user() : user,
              keyring == null ? null : surroundings.file(keyring));
    }
    return conf == null ? options : options.withConfFile(surroundings.file(conf));
  }

  private static PoolPlace place(
      YamlMap parent, String key, String usualPool, Set<String> clusters, String... otherKeys) {
    YamlMap given = parent.map(key);
    Set<String> known = new HashSet<>(Set.of("cluster", "pool", "namespace"));
    known.addAll(Set.of(otherKeys));
    given.allowOnly(known);
    String pool = given.text("pool");
    String namespace = given.text("namespace");
    return new PoolPlace(
        cluster(parent, key, given.text("cluster"), clusters),
        pool == null ? usualPool : pool,
        namespace == null ? "" : namespace);
  }

  private static String cluster(
      YamlMap parent, String key, @Nullable String given, Set<String> clusters) {
    if (given == null) {
      return defaultCluster(clusters)
          .orElseThrow(() -> parent.wrong(key, "needs a cluster: one of " + list(clusters)));
    }
    if (!clusters.contains(given)) {
      throw parent.wrong(key, "names cluster " + given + ", but there is only " + list(clusters));
    }
    return given;
  }

  private static Optional<PoolPlace> usual(String pool, Set<String> clusters) {
    return defaultCluster(clusters).map(cluster -> new PoolPlace(cluster, pool, ""));
  }

  /** The only cluster, or the one called default. */
  static Optional<String> defaultCluster(Set<String> clusters) {
    return clusters.size() == 1 || clusters.contains(DEFAULT_CLUSTER)
        ? Optional.of(
            clusters.contains(DEFAULT_CLUSTER) ? DEFAULT_CLUSTER : clusters.iterator().next())
        : Optional.empty();
  }

  private static String list(Set<String> names) {
    return String.join(", ", names.stream().sorted().toList());
  }
}
