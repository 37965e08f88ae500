package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/** Deletes a restore point that nothing needs. Thread-safe. */
final class Deletion {
  private final ImageFolder folder;
  private final String imageName;

  Deletion(ImageFolder folder, String imageName) {
    this.folder = folder;
    this.imageName = imageName;
  }

  void delete(UUID point, PointListing existing) {
    boolean damaged = existing.damaged().stream().anyMatch(d -> d.point().equals(point));
    Optional<Manifest> manifest = existing.find(point);
    if (!damaged && manifest.isEmpty()) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND, "There is no restore point " + point + " of " + imageName);
    }
    List<Manifest> children = existing.childrenOf(point);
    if (!children.isEmpty()) {
      throw refused(point, "these build on it: " + names(children));
    }
    if (!damaged) {
      requireNotNeeded(point, existing);
    }
    requireNoInstance(point);
    remove(point);
  }

  private void requireNoInstance(UUID point) {
    InstanceListing instances = new InstanceStore(folder.target()).list();
    List<InstancePoint> needing = instances.needing(folder.imageId(), point);
    if (!needing.isEmpty()) {
      throw refused(
          point,
          "it is a disk in these restore points of instances, delete those with 'kedge instance delete' first: "
              + needing.stream()
                  .map(p -> p.id() + " of " + p.instance().name())
                  .collect(Collectors.joining(", ")));
    }
    if (!instances.damaged().isEmpty()) {
      throw refused(
          point,
          "these restore points of instances cannot be read and may need it: "
              + instances.damaged().stream()
                  .map(d -> d.point().toString())
                  .collect(Collectors.joining(", ")));
    }
  }

  private void requireNotNeeded(UUID point, PointListing existing) {
    if (existing.latest().filter(m -> m.id().equals(point)).isPresent()) {
      throw refused(point, "it is the newest one, and the next backup builds on it");
    }
    if (!existing.damaged().isEmpty()) {
      throw refused(
          point,
          "these have damaged manifests and may build on it: "
              + existing.damaged().stream()
                  .map(d -> d.point().toString())
                  .collect(Collectors.joining(", ")));
    }
  }

  private void remove(UUID point) {
    BackupTarget target = folder.target();
    target.delete(folder.name(PointNames.manifest(point)));
    target.delete(folder.name(PointNames.sums(point)));
    target.delete(folder.name(PointNames.data(point)));
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
