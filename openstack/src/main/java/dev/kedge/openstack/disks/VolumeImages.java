package dev.kedge.openstack.disks;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.RbdLocation;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.config.KedgeConfig;

/** Finds the RBD images of volumes that are not at a server. For one thread. */
public final class VolumeImages {
  /**
   * An image that exists.
   *
   * @param cluster its name in kedge.yaml
   */
  public record CephImage(String cluster, RbdLocation location) {}

  private final VolumeLocator locator;
  private final CephClusters clusters;

  /** Finds images of that cloud on those clusters, which are the configuration's. */
  public VolumeImages(OpenStack cloud, KedgeConfig config, CephClusters clusters) {
    this.locator = new VolumeLocator(cloud.cinder(), config, clusters);
    this.clusters = clusters;
  }

  /**
   * The image of a volume.
   *
   * @throws KedgeException REFUSED where it lies on none that Kedge can reach
   */
  public CephImage find(Volume volume) {
    return switch (locator.locate(volume)) {
      case VolumePlace.Elsewhere(String reason) -> throw unreachable(volume, reason);
      case VolumePlace.OnCeph place -> {
        if (!clusters.exists(place.cluster(), place.image())) {
          throw unreachable(volume, DiskFinder.missing(place));
        }
        yield new CephImage(place.cluster(), place.image());
      }
    };
  }

  private static KedgeException unreachable(Volume volume, String reason) {
    return new KedgeException(ErrorCode.REFUSED, volume.label() + " cannot be written: " + reason);
  }
}
