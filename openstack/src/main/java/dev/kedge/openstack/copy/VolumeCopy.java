package dev.kedge.openstack.copy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.backup.StreamSource;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Snapshot;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeSpec;
import dev.kedge.openstack.client.Creation;
import dev.kedge.repository.ImageIdentity;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A volume that is not on Ceph, whatever it is on: Cinder snapshots it, makes a temporary volume of
 * the snapshot and a raw image of that, which is downloaded. All of it is in the project of the
 * cloud's user, who also needs the quota. For one thread at a time.
 */
final class VolumeCopy implements StreamSource {
  private final OpenStack cloud;
  private final ImageIdentity identity;
  private final String volumeId;
  private final Clock clock;
  private final CopySteps steps;

  /**
   * A volume.
   *
   * @param progress told what Cinder is at
   */
  VolumeCopy(
      OpenStack cloud,
      String volumeId,
      Clock clock,
      Consumer<String> progress,
      CancelToken cancel) {
    this.cloud = cloud;
    this.identity = ImageIdentity.ofVolume(volumeId);
    this.volumeId = volumeId;
    this.clock = clock;
    this.steps = new CopySteps(cloud, "volume " + volumeId, progress, cancel);
  }

  /** Why a volume cannot be copied; empty: it can. */
  static Optional<String> obstacle(Volume volume) {
    return volume.encrypted()
        ? Optional.of("it is encrypted, and its image in Glance would need a key of its own")
        : Optional.empty();
  }

  @Override
  public ImageIdentity identity() {
    return identity;
  }

  @Override
  public Instant takeSnapshot(String name) {
    Instant asked = clock.instant();
    Snapshot made =
        Creation.once(
            () -> steps.temporary().snapshot(name),
            () -> cloud.cinder().createSnapshot(volumeId, name, Map.of()));
    steps
        .waiter()
        .until(
            "Cinder's snapshot of volume " + volumeId,
            () -> cloud.cinder().snapshots().get(made.id()),
            Snapshot::state,
            Set.of("available"));
    return asked;
  }

  @Override
  public Content open(String name) {
    return steps.open(name, steps.upload(volume(name), name));
  }

  private Volume volume(String name) {
    Snapshot snapshot =
        steps
            .temporary()
            .snapshot(name)
            .orElseThrow(() ->
                new KedgeException(
                    ErrorCode.FAILED,
                    "somebody removed Cinder's snapshot " + name + ": try again"));
    Volume original = cloud.cinder().volumes().get(volumeId);
    return steps.make(
        new VolumeSpec(
            name,
            CopySteps.DESCRIPTION,
            snapshot.sizeGib(),
            // The snapshot's own.
            null,
            original.availabilityZone(),
            Map.of(),
            null,
            snapshot.id()));
  }

  @Override
  public void remove(String name) {
    steps.temporary().remove(name);
  }
}
