package dev.kedge.openstack.disks;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.RbdLocation;
import dev.kedge.openstack.cinder.Attachment;
import dev.kedge.openstack.cinder.BackendPool;
import dev.kedge.openstack.cinder.Cinder;
import dev.kedge.openstack.cinder.ConnectionInfo;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeUse;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.config.PoolPlace;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out on which RBD image a volume lies, whether it is attached or not. Asked in this order:
 * what Cinder gave to the host that has the volume attached; kedge.yaml, by backend or type; what
 * the backend tells Cinder's scheduler; kedge.yaml's place for all others. In each case the image
 * must exist. For one thread; it remembers what Cinder said of its pools, so make one for each
 * task.
 */
public final class VolumeLocator {
  private static final String RBD = "rbd";

  /** Where an image should be, before anybody has looked; and who says so. */
  private record Claim(String cluster, RbdLocation image, String source) {}

  private final Cinder cinder;
  private final KedgeConfig config;
  private final CephClusters clusters;
  private @Nullable List<BackendPool> pools;

  /** Locates volumes of that cloud on those clusters, which are the configuration's. */
  public VolumeLocator(Cinder cinder, KedgeConfig config, CephClusters clusters) {
    this.cinder = cinder;
    this.config = config;
    this.clusters = clusters;
  }

  /**
   * Where the volume lies.
   *
   * @throws KedgeException where Cinder or a cluster does not answer
   */
  public VolumePlace locate(Volume volume) {
    Optional<ConnectionInfo> connection = connection(volume);
    if (connection.isPresent() && !connection.get().driver().equals(RBD)) {
      return otherProtocol(connection.get().driver());
    }
    List<String> keys = BackendKeys.of(volume);
    Optional<PoolPlace> configured = config.backend(keys);
    Optional<BackendPool> pool = backendPool(volume);
    if (configured.isEmpty() && pool.isPresent() && isOther(pool.get())) {
      return otherProtocol(String.valueOf(pool.get().storageProtocol()));
    }
    return configured
        .or(() -> pool.map(BackendPool::locationInfo).flatMap(this::placeOf))
        .or(config::otherBackends)
        .map(place -> onCeph(claim(place, connection, volume)))
        .orElseGet(() -> nowhere(keys));
  }

  private static VolumePlace otherProtocol(String protocol) {
    return new VolumePlace.Elsewhere("Cinder's backend for it speaks " + protocol + ", not RBD");
  }

  private VolumePlace nowhere(List<String> keys) {
    return new VolumePlace.Elsewhere(
        "nothing says on which Ceph cluster it lies: give its backend or volume type (%s) a place under backends in %s"
            .formatted(String.join(", ", keys), config.file()));
  }

  private VolumePlace onCeph(Claim claim) {
    return clusters.exists(claim.cluster(), claim.image())
        ? new VolumePlace.OnCeph(claim.cluster(), claim.image())
        : new VolumePlace.Elsewhere(
            "cluster %s has no image %s, where %s says that it lies: correct backends in kedge.yaml; a migrated volume's image only an operator's account can find"
                .formatted(claim.cluster(), claim.image(), claim.source()));
  }

  private Claim claim(PoolPlace place, Optional<ConnectionInfo> connection, Volume volume) {
    return connection
        .map(ConnectionInfo::name)
        .flatMap(name -> named(place, name))
        .orElseGet(() -> byVolumeId(place, volume));
  }

  private static boolean isOther(BackendPool pool) {
    String protocol = pool.storageProtocol();
    return protocol != null && !protocol.equalsIgnoreCase("ceph");
  }

  /** {@code pool/image}, as Cinder gave it to a host; the cluster is the place's. */
  private static Optional<Claim> named(PoolPlace place, String name) {
    String[] parts = name.split("/", -1);
    boolean inNamespace = parts.length == 3;
    return parts.length == 2 || inNamespace
        ? Optional.of(
            new Claim(
                place.cluster(),
                new RbdLocation(parts[0], inNamespace ? parts[1] : "", parts[parts.length - 1]),
                "Cinder"))
        : Optional.empty();
  }

  /** Cinder's {@code volume_name_template} is {@code volume-%s}; a migrated one has a name_id. */
  private Claim byVolumeId(PoolPlace place, Volume volume) {
    String id = Objects.requireNonNullElse(volume.nameId(), volume.id());
    return new Claim(place.cluster(), place.image("volume-" + id), config.file());
  }

  /** The backend's own word; a cluster that kedge.yaml does not have is of no use. */
  private Optional<PoolPlace> placeOf(String locationInfo) {
    return RbdLocationInfo.parse(locationInfo)
        .flatMap(info -> clusterOf(info).map(name -> new PoolPlace(name, info.pool(), "")));
  }

  private Optional<String> clusterOf(RbdLocationInfo info) {
    return clusters.names().size() == 1 ? config.defaultCluster() : clusters.withFsid(info.fsid());
  }

  private Optional<BackendPool> backendPool(Volume volume) {
    String host = volume.host();
    return host == null
        ? Optional.empty()
        : pools().stream().filter(pool -> pool.name().equals(host)).findFirst();
  }

  private List<BackendPool> pools() {
    List<BackendPool> known = pools;
    if (known == null) {
      known = ifPermitted(cinder::pools).orElse(List.of());
      pools = known;
    }
    return known;
  }

  private Optional<ConnectionInfo> connection(Volume volume) {
    List<ConnectionInfo> found = new ArrayList<>();
    for (VolumeUse use : volume.uses()) {
      ifPermitted(() -> cinder.attachment(use.attachmentId()))
          .flatMap(attachment -> attachment)
          .map(Attachment::connection)
          .ifPresent(found::add);
    }
    return found.stream().findFirst();
  }

  /** What an operator may ask and a tenant may not. */
  private static <T> Optional<T> ifPermitted(Supplier<T> question) {
    try {
      return Optional.of(question.get());
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.PERMISSION_DENIED) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
