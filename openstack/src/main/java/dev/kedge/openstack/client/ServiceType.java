package dev.kedge.openstack.client;

import java.util.List;
import java.util.Optional;

/**
 * The services that Kedge talks to. Names and aliases:
 * https://service-types.openstack.org/service-types.json
 */
public enum ServiceType {
  /** Users, projects, tokens. */
  IDENTITY("Keystone", "identity", 3, "v3"),
  /** Instances. */
  COMPUTE("Nova", "compute", 2, "v2.1"),
  /** Volumes. */
  BLOCK_STORAGE("Cinder", "block-storage", 3, "v3"),
  /** Images. */
  IMAGE("Glance", "image", 2, "v2"),
  /** Networks, ports, security groups. */
  NETWORK("Neutron", "network", 2, "v2.0"),
  /** Secrets. */
  KEY_MANAGER("Barbican", "key-manager", 1, "v1");

  /**
   * Which microversions Kedge can live with.
   *
   * @param headerName the service's name in {@code OpenStack-API-Version}
   */
  record Range(String headerName, Microversion minimum, Microversion wanted) {}

  private final String project;
  private final String type;
  private final int majorVersion;
  private final String versionPath;

  ServiceType(String project, String type, int majorVersion, String versionPath) {
    this.project = project;
    this.type = type;
    this.majorVersion = majorVersion;
    this.versionPath = versionPath;
  }

  /** The program: {@code Nova}. */
  public String project() {
    return project;
  }

  /** The official type: {@code compute}. */
  public String type() {
    return type;
  }

  /** The official type, then what older catalogues call it. */
  List<String> names() {
    return this == BLOCK_STORAGE
        ? List.of(type, "volumev3", "block-store", "volume")
        : List.of(type);
  }

  int majorVersion() {
    return majorVersion;
  }

  /** What an unversioned endpoint's path goes on with where it does not say so itself. */
  String versionPath() {
    return versionPath;
  }

  /**
   * Nova from Train on (2.79); Cinder's 3.44 completes the attachments that say where a volume is.
   */
  Optional<Range> microversions() {
    return switch (this) {
      case COMPUTE ->
          Optional.of(new Range("compute", new Microversion(2, 79), new Microversion(2, 96)));
      case BLOCK_STORAGE ->
          Optional.of(new Range("volume", new Microversion(3, 44), new Microversion(3, 71)));
      case IDENTITY, IMAGE, NETWORK, KEY_MANAGER -> Optional.empty();
    };
  }
}
