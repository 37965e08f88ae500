package dev.kedge.openstack.config;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephOptions;
import dev.kedge.openstack.cloud.Surroundings;
import dev.kedge.openstack.yaml.YamlMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What Kedge has to be told of the storage behind a cloud (docs/openstack.md). Immutable.
 *
 * @param file where it comes from, for messages
 * @param clusters Ceph clusters by name; at least one
 * @param backends by Cinder's backend ({@code host@backend#pool}, {@code host@backend}, {@code
 *     backend} or its pool) or by volume type
 * @param otherBackends for volumes that match none of them
 * @param nova where Nova keeps the disks that are no volumes
 * @param novaRetainsSnapshots whether those disks keep the snapshot from which the next increment
 *     starts
 * @param libvirtUri how to reach the libvirt of a compute host, {@code {host}} standing for it
 */
public record KedgeConfig(
    String file,
    Map<String, CephOptions> clusters,
    Map<String, PoolPlace> backends,
    Optional<PoolPlace> otherBackends,
    Optional<PoolPlace> nova,
    boolean novaRetainsSnapshots,
    Optional<String> libvirtUri) {
  private static final String VARIABLE = "KEDGE_CONFIG";
  private static final String NAME = "kedge.yaml";

  /** Copies. */
  public KedgeConfig {
    clusters = Map.copyOf(clusters);
    backends = Map.copyOf(backends);
  }

  /**
   * The configuration: of the given file, else of {@code $KEDGE_CONFIG}, else of {@code
   * ~/.config/kedge/kedge.yaml}, else of {@code /etc/kedge/kedge.yaml}, else the defaults.
   *
   * @param given null: look for it
   * @throws KedgeException NOT_FOUND where a named file does not exist, USAGE where it cannot be
   *     understood
   */
  public static KedgeConfig load(@Nullable Path given, Surroundings surroundings) {
    String variable = surroundings.variable(VARIABLE);
    Path named = given == null && variable != null ? surroundings.file(variable) : given;
    if (named != null) {
      return read(named, surroundings);
    }
    for (Path folder : surroundings.configFolders("kedge")) {
      Path file = folder.resolve(NAME);
      if (Files.exists(file)) {
        return read(file, surroundings);
      }
    }
    return parse("", NAME, surroundings);
  }

  /** The configuration in a text. */
  public static KedgeConfig parse(String text, String file, Surroundings surroundings) {
    return new KedgeConfigReader(YamlMap.parse(text, file), surroundings).read();
  }

  private static KedgeConfig read(Path file, Surroundings surroundings) {
    if (!Files.exists(file)) {
      throw new KedgeException(ErrorCode.NOT_FOUND, file + " does not exist");
    }
    try {
      return parse(Files.readString(file), file.toString(), surroundings);
    } catch (IOException e) {
      throw new KedgeException(ErrorCode.USAGE, file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The same with another way to a cluster, a command line's for example. */
  public KedgeConfig withCluster(String name, CephOptions options) {
    Map<String, CephOptions> others = new LinkedHashMap<>(clusters);
    others.put(name, options);
    return new KedgeConfig(
        file, others, backends, otherBackends, nova, novaRetainsSnapshots, libvirtUri);
  }

  /** The first of these keys that a backend has. */
  public Optional<PoolPlace> backend(List<String> keys) {
    return keys.stream().filter(backends::containsKey).map(backends::get).findFirst();
  }

  /** The cluster that is meant where none is named; empty where that is not clear. */
  public Optional<String> defaultCluster() {
    return KedgeConfigReader.defaultCluster(clusters.keySet());
  }
}
