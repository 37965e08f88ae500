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
 * Finds out on which RBD image a volume lies. Asked in this order: what Cinder gave to the host
 * that has the volume attached; kedge.yaml, by backend or type; what the backend tells Cinder's
 * scheduler; kedge.yaml's place for all others. For one thread.
 */
final class VolumeLocator {
  private static final String RBD = "rbd";

  private final Cinder cinder;
  private final KedgeConfig config;
  private final CephClusters clusters;
  private @Nullable List<BackendPool> pools;

  VolumeLocator(Cinder cinder, KedgeConfig config, CephClusters clusters) {
    this.cinder = cinder;
    this.config = config;
    this.clusters = clusters;
  }

  VolumePlace locate(Volume volume) {
    Optional<ConnectionInfo> connection = connection(volume);
    if (connection.isPresent() && !connection.get().driver().equals(RBD)) {
      return new VolumePlace.Elsewhere(
          "Cinder's backend for it speaks " + connection.get().driver() + ", not RBD");
    }
    Optional<BackendPool> pool = backendPool(volume);
    Optional<RbdLocationInfo> info =
        pool.map(BackendPool::locationInfo).flatMap(RbdLocationInfo::parse);
    Optional<PoolPlace> place =
        config
            .backend(BackendKeys.of(volume))
            .or(() -> info.flatMap(this::placeOf))
            .or(config::otherBackends);
    if (place.isEmpty()) {
      return new VolumePlace.Elsewhere(
          "nothing says on which Ceph cluster it lies: give its backend or volume type (%s) a place under backends in %s"
              .formatted(String.join(", ", BackendKeys.of(volume)), config.file()));
    }
    if (config.backend(BackendKeys.of(volume)).isEmpty()
        && pool.isPresent()
        && isOther(pool.get())) {
      return new VolumePlace.Elsewhere(
          "Cinder's backend for it speaks " + pool.get().storageProtocol() + ", not RBD");
    }
    return connection
        .map(ConnectionInfo::name)
        .flatMap(name -> named(place.get(), name))
        .orElseGet(() -> byVolumeId(place.get(), volume));
  }

  private static boolean isOther(BackendPool pool) {
    String protocol = pool.storageProtocol();
    return protocol != null && !protocol.equalsIgnoreCase("ceph");
  }

  /** {@code pool/image}, as Cinder gave it to a host; the cluster is the place's. */
  private static Optional<VolumePlace> named(PoolPlace place, String name) {
    String[] parts = name.split("/", -1);
    return switch (parts.length) {
      case 2 -> Optional.of(onCeph(place, new RbdLocation(parts[0], "", parts[1]), "Cinder"));
      case 3 -> Optional.of(onCeph(place, new RbdLocation(parts[0], parts[1], parts[2]), "Cinder"));
      default -> Optional.empty();
    };
  }

  /** Cinder's {@code volume_name_template} is {@code volume-%s}; a migrated one has a name_id. */
  private VolumePlace byVolumeId(PoolPlace place, Volume volume) {
    String id = Objects.requireNonNullElse(volume.nameId(), volume.id());
    return onCeph(place, place.image("volume-" + id), config.file());
  }

  private static VolumePlace onCeph(PoolPlace place, RbdLocation image, String source) {
    return new VolumePlace.OnCeph(place.cluster(), image, source);
  }

  /** The backend's own word; a cluster that kedge.yaml does not have is of no use. */
  private Optional<PoolPlace> placeOf(RbdLocationInfo info) {
    Optional<String> cluster =
        clusters.names().size() == 1 ? config.defaultCluster() : clusters.withFsid(info.fsid());
    return cluster.map(name -> new PoolPlace(name, info.pool(), ""));
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
