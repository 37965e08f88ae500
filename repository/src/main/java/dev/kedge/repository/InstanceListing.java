package dev.kedge.repository;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Restore points of instances.
 *
 * @param points the readable ones, by instance, then by sequence, the oldest first
 * @param damaged the ones whose records cannot be read
 */
public record InstanceListing(List<InstancePoint> points, List<DamagedPoint> damaged) {
  /** Copies the lists. */
  public InstanceListing {
    points = List.copyOf(points);
    damaged = List.copyOf(damaged);
  }

  /** The newest of one instance. */
  public Optional<InstancePoint> latest(UUID instanceId) {
    return points.stream()
        .filter(point -> point.instance().id().equals(instanceId))
        .reduce((_, newer) -> newer);
  }

  /** The sequence that the next one of an instance takes. */
  public long nextSequence(UUID instanceId) {
    return latest(instanceId).map(InstancePoint::sequence).orElse(0L) + 1;
  }

  /** Those that need a restore point of an image. */
  public List<InstancePoint> needing(UUID imageId, UUID point) {
    return points.stream().filter(p -> p.needs(imageId, point)).toList();
  }
}
