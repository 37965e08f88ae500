package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Deletes restore points: those that nothing builds on with their files; the others are retired,
 * and stay as layers. To be used by one thread, under the lease.
 */
final class Deletion {
  private final ImageFolder folder;
  private final String imageName;
  private @Nullable InstanceListing instances;

  Deletion(ImageFolder folder, String imageName) {
    this.folder = folder;
    this.imageName = imageName;
  }

  /** Deletes one that nothing builds on, be its manifest damaged. */
  void delete(UUID point, PointListing existing, Lease lease) {
    boolean damaged = existing.damaged().stream().anyMatch(d -> d.point().equals(point));
    if (!damaged && existing.find(point).isEmpty()) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND, "There is no restore point " + point + " of " + imageName);
    }
    List<Manifest> children = existing.childrenOf(point);
    if (!children.isEmpty()) {
      throw refused(point, "these build on it: " + names(children));
    }
    if (!damaged) {
      requireNoneDamaged(point, existing);
    }
    requireNoInstance(point);
    removeObjects(point, lease);
  }

  /** Deletes several, each before what it builds on. */
  void delete(List<UUID> points, PointListing existing, Lease lease) {
    PointListing rest = existing;
    for (UUID point : points) {
      delete(point, rest, lease);
      rest =
          new PointListing(
              rest.layers().stream().filter(layer -> !layer.id().equals(point)).toList(),
              rest.damaged().stream().filter(damaged -> !damaged.point().equals(point)).toList());
    }
  }

  /** Makes restore points mere layers. */
  void retire(Collection<Manifest> points, PointListing existing, Instant now, Lease lease) {
    for (Manifest point : points) {
      requireNoneDamaged(point.id(), existing);
      requireNoInstance(point.id());
    }
    for (Manifest point : points) {
      if (!point.isRetired()) {
        lease.confirm();
        folder
            .target()
            .replace(folder.name(PointNames.manifest(point.id())), point.retire(now).toBytes());
      }
    }
  }

  private void requireNoInstance(UUID point) {
    InstanceListing listing = instances;
    if (listing == null) {
      listing = new InstanceStore(folder.target()).list();
      instances = listing;
    }
    List<InstancePoint> needing = listing.needing(folder.imageId(), point);
    if (!needing.isEmpty()) {
      throw refused(
          point,
          "it is a disk in these restore points of instances, delete those with 'kedge instance delete' first: "
              + needing.stream()
                  .map(p -> p.id() + " of " + p.instance().name())
                  .collect(Collectors.joining(", ")));
    }
    if (!listing.damaged().isEmpty()) {
      throw refused(
          point,
          "these restore points of instances cannot be read and may need it: "
              + listing.damaged().stream()
                  .map(d -> d.point().toString())
                  .collect(Collectors.joining(", ")));
    }
  }

  private void requireNoneDamaged(UUID point, PointListing existing) {
    if (!existing.damaged().isEmpty()) {
      throw refused(
          point,
          "these have damaged manifests and may build on it: "
              + existing.damaged().stream()
                  .map(d -> d.point().toString())
                  .collect(Collectors.joining(", ")));
    }
  }

  /**
   * Removes all that there is of a restore point, the manifest first, so that no crash leaves one
   * without its files. Its snapshot is left to the next backup, which has Ceph at hand, as that of
   * one that was begun and never committed.
   */
  void removeObjects(UUID point, Lease lease) {
    Optional<PointObject> object = folder.read(point);
    if (object.orElse(null) instanceof PointObject.Committed(Manifest manifest, byte[] _)
        && !lease.isPending(point)) {
      lease.intend(point, manifest.snapshot().name());
    }
    lease.confirm();
    BackupTarget target = folder.target();
    target.delete(folder.name(PointNames.manifest(point)));
    for (String payload : folder.payload(point)) {
      target.delete(payload);
    }
  }

  private static String names(List<Manifest> points) {
    return points.stream().map(m -> m.id().toString()).collect(Collectors.joining(", "));
  }

  private KedgeException refused(UUID point, String why) {
    return new KedgeException(
        ErrorCode.REFUSED,
        "Restore point %s of %s was not deleted: %s".formatted(point, imageName, why));
  }
}
