package dev.kedge.openstack.copy;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Snapshot;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.glance.Image;
import java.util.Optional;
import java.util.Set;

/**
 * What copies make in Cinder and Glance: a snapshot, a volume and an image of one name, which
 * nothing else has, since there is a random UUID in it. Thread-safe.
 */
final class TemporaryObjects {
  private static final String ENDED = "ended";

  private final OpenStack cloud;
  private final Waiter waiter;

  TemporaryObjects(OpenStack cloud, Waiter waiter) {
    this.cloud = cloud;
    this.waiter = waiter;
  }

  Optional<Snapshot> snapshot(String name) {
    return first(cloud.cinder().snapshots(), name);
  }

  Optional<Volume> volume(String name) {
    return first(cloud.cinder().volumes(), name);
  }

  Optional<Image> image(String name) {
    return first(cloud.glance().images(), name);
  }

  private static <T extends ApiResource> Optional<T> first(
      ApiCollection<T> collection, String name) {
    return collection.named(name, Query.none()).stream().findFirst();
  }

  /** Removes all three, as far as they are there, and waits until they are gone. */
  void remove(String name) {
    // Cinder refuses the other way round; an upload that runs ends first.
    removeVolume(name);
    removeImage(name);
    removeSnapshot(name);
  }

  void removeImage(String name) {
    image(name).ifPresent(image -> cloud.glance().images().delete(image.id()));
  }

  /** Removes volume and snapshot, which are of no use when the image is there. */
  void removeFromCinder(String name) {
    removeVolume(name);
    removeSnapshot(name);
  }

  private void removeVolume(String name) {
    volume(name)
        .ifPresent(volume -> {
          waiter.until(
              volume.label(),
              () -> cloud.cinder().volumes().find(volume.id()).map(Volume::status).orElse(ENDED),
              TemporaryObjects::undisturbed,
              Set.of("available", ENDED));
          cloud.cinder().volumes().delete(volume.id());
          waiter.untilGone(
              volume.label(), () -> cloud.cinder().volumes().find(volume.id()), Volume::state);
        });
  }

  private void removeSnapshot(String name) {
    snapshot(name)
        .ifPresent(snapshot -> {
          String label = "snapshot " + name;
          waiter.until(
              label,
              () ->
                  cloud
                      .cinder()
                      .snapshots()
                      .find(snapshot.id())
                      .map(Snapshot::status)
                      .orElse(ENDED),
              TemporaryObjects::undisturbed,
              Set.of("available", ENDED));
          cloud.cinder().snapshots().delete(snapshot.id());
          waiter.untilGone(
              label, () -> cloud.cinder().snapshots().find(snapshot.id()), Snapshot::state);
        });
  }

  /** What failed can be deleted, too. */
  private static Waiter.State undisturbed(String status) {
    return new Waiter.State(status.startsWith("error") ? ENDED : status, "");
  }
}
