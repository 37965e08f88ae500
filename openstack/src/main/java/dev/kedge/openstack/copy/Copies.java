package dev.kedge.openstack.copy;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.backup.StreamSource;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.disks.DiskSource;
import dev.kedge.repository.ImageIdentity;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;

/** Which copy serves a disk that is not on Ceph, and whether there is one. Thread-safe. */
public final class Copies {
  private final OpenStack cloud;
  private final Clock clock;
  private final Consumer<String> progress;
  private final CancelToken cancel;

  /** Copies of a cloud's disks; {@code progress} is told what it is at. */
  public Copies(OpenStack cloud, Clock clock, Consumer<String> progress, CancelToken cancel) {
    this.cloud = cloud;
    this.clock = clock;
    this.progress = progress;
    this.cancel = cancel;
  }

  /** Why a disk cannot be copied; empty: it can. */
  public static Optional<String> obstacle(DiskSource source) {
    return switch (source) {
      case DiskSource.CinderVolume found -> VolumeCopy.obstacle(found.volume());
      case DiskSource.NovaDisk disk -> RootDiskCopy.obstacle(disk);
      case DiskSource.UnknownVolume _ -> Optional.of("Cinder would not snapshot it for this user");
    };
  }

  /** What a disk's copies are called in a repository; empty where it cannot be copied. */
  public static Optional<ImageIdentity> identity(DiskSource source) {
    if (obstacle(source).isPresent()) {
      return Optional.empty();
    }
    return switch (source) {
      case DiskSource.CinderVolume found ->
          Optional.of(ImageIdentity.ofVolume(found.volume().id()));
      case DiskSource.NovaDisk disk -> Optional.of(ImageIdentity.ofRootDisk(disk.server().id()));
      case DiskSource.UnknownVolume _ -> Optional.empty();
    };
  }

  /** The copy of the disk with that identity, which is not on Ceph. For one thread at a time. */
  public StreamSource of(ImageIdentity identity) {
    return identity.isRootDisk()
        ? new RootDiskCopy(cloud, identity.name(), clock, progress, cancel)
        : new VolumeCopy(cloud, identity.name(), clock, progress, cancel);
  }
}
