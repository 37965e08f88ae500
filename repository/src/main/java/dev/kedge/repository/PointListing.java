package dev.kedge.repository;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The restore points of an image.
 *
 * @param points the committed ones, by sequence, the oldest first
 * @param damaged the ones whose manifests cannot be read; any of them may be the newest
 */
public record PointListing(List<Manifest> points, List<DamagedPoint> damaged) {
  /** Copies the lists. */
  public PointListing {
    points = List.copyOf(points);
    damaged = List.copyOf(damaged);
  }

  /** The newest of those that can be read. */
  public Optional<Manifest> latest() {
    return points.isEmpty() ? Optional.empty() : Optional.of(points.getLast());
  }

  /** The sequence that the next restore point takes. */
  public long nextSequence() {
    return latest().map(Manifest::sequence).orElse(0L) + 1;
  }

  /** A restore point by its id. */
  public Optional<Manifest> find(UUID point) {
    return points.stream().filter(m -> m.id().equals(point)).findFirst();
  }

  /** The restore points that build directly on one. */
  public List<Manifest> childrenOf(UUID point) {
    return points.stream().filter(m -> point.equals(m.parent())).toList();
  }
}
