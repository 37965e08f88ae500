package dev.kedge.openstack.copy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.backup.StreamSource;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeSpec;
import dev.kedge.openstack.client.Creation;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.disks.DiskSource;
import dev.kedge.openstack.disks.NovaDiskKind;
import dev.kedge.openstack.glance.Image;
import dev.kedge.openstack.nova.Server;
import dev.kedge.repository.ImageIdentity;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A root disk of Nova's that is not on Ceph: Nova makes an image of it, which is downloaded. Where
 * Nova's images are not raw, Cinder makes a volume of it, and a raw image of that. Nova gives no
 * other disk away. For one thread at a time.
 */
final class RootDiskCopy implements StreamSource {
  /** In which Nova makes images (nova/compute/api.py, snapshot). */
  private static final Set<String> STATUSES = Set.of("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED");

  private static final long GIB = 1L << 30;
  private static final String IDLE = "idle";
  private static final String FAILED = "error";

  private final OpenStack cloud;
  private final String serverId;
  private final Clock clock;
  private final CopySteps steps;

  /** The root disk of a server; {@code progress} is told what the cloud is at. */
  RootDiskCopy(
      OpenStack cloud,
      String serverId,
      Clock clock,
      Consumer<String> progress,
      CancelToken cancel) {
    this.cloud = cloud;
    this.serverId = serverId;
    this.clock = clock;
    this.steps = new CopySteps(cloud, label(serverId), progress, cancel);
  }

  private static String label(String serverId) {
    return "the root disk of server " + serverId;
  }

  /** Why a disk of Nova's cannot be copied; empty: it can. */
  static Optional<String> obstacle(DiskSource.NovaDisk disk) {
    if (disk.kind() != NovaDiskKind.ROOT) {
      return Optional.of("Nova makes images of root disks only");
    }
    String status = disk.server().status();
    return STATUSES.contains(status)
        ? Optional.empty()
        : Optional.of("Nova makes no image of a server that is " + status);
  }

  @Override
  public ImageIdentity identity() {
    return ImageIdentity.ofRootDisk(serverId);
  }

  @Override
  public Instant takeSnapshot(String name) {
    steps
        .waiter()
        .until(
            "server " + serverId,
            () -> cloud.nova().servers().get(serverId),
            RootDiskCopy::task,
            Set.of(IDLE));
    Instant asked = clock.instant();
    String imageId =
        Creation.once(
            () -> steps.temporary().image(name).map(Image::id),
            () -> cloud.nova().createImage(serverId, name));
    // Only then Nova has read the disk, and takes other wishes for the server.
    steps
        .waiter()
        .until(
            "Nova's image of " + label(serverId),
            () -> cloud.glance().images().find(imageId),
            RootDiskCopy::state,
            Set.of("active"));
    return asked;
  }

  private static Waiter.State task(Server server) {
    String task = server.taskState();
    return new Waiter.State(task == null ? IDLE : task, "");
  }

  /** Nova deletes an image that it could not write. */
  private static Waiter.State state(Optional<Image> image) {
    return image
        .map(Image::state)
        .orElseGet(() -> new Waiter.State(FAILED, "Nova gave it up, and its log says why"));
  }

  @Override
  public Content open(String name) {
    Image image =
        steps
            .temporary()
            .image(name)
            .orElseThrow(() ->
                new KedgeException(
                    ErrorCode.FAILED, "somebody removed Nova's image " + name + ": try again"));
    return steps.open(
        name,
        "raw".equals(image.diskFormat())
            ? image
            : steps.upload(volume(name, image), rawName(name)));
  }

  private static String rawName(String name) {
    return name + ".raw";
  }

  /** Cinder makes plain content of whatever format the image has. */
  private Volume volume(String name, Image image) {
    Volume volume =
        steps.make(
            new VolumeSpec(
                name,
                CopySteps.DESCRIPTION,
                sizeGib(image),
                null,
                null,
                Map.of(),
                image.id(),
                null));
    if (volume.encrypted()) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s cannot be copied: Nova's image of it is %s, and Cinder's default volume type, which would make it plain, encrypts"
              .formatted(label(serverId), image.diskFormat()));
    }
    return volume;
  }

  private static long sizeGib(Image image) {
    long contentBytes = image.raw().path("virtual_size").asLong(image.sizeBytes());
    return Math.max(1, Math.max(image.minDiskGib(), Math.ceilDiv(contentBytes, GIB)));
  }

  @Override
  public void remove(String name) {
    steps.temporary().remove(name);
    steps.temporary().removeImage(rawName(name));
  }
}
