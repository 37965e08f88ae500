package dev.kedge.repository;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The restore points of an image.
 *
 * @param layers the committed ones and the retired ones that they need, by sequence, the oldest
 *     first
 * @param damaged the ones whose manifests cannot be read; any of them may be the newest
 */
public record PointListing(List<Manifest> layers, List<DamagedPoint> damaged) {
  /** Copies the lists. */
  public PointListing {
    layers = List.copyOf(layers);
    damaged = List.copyOf(damaged);
  }

  /** The restore points, by sequence, the oldest first. */
  public List<Manifest> points() {
    return layers.stream().filter(layer -> !layer.isRetired()).toList();
  }

  /** Those that are no restore points any more. */
  public List<Manifest> retired() {
    return layers.stream().filter(Manifest::isRetired).toList();
  }

  /** The newest of those that can be read. */
  public Optional<Manifest> latest() {
    List<Manifest> points = points();
    return points.isEmpty() ? Optional.empty() : Optional.of(points.getLast());
  }

  /** The sequence that the next restore point takes. */
  public long nextSequence() {
    return layers.isEmpty() ? 1 : layers.getLast().sequence() + 1;
  }

  /** A restore point or a retired one by its id. */
  public Optional<Manifest> find(UUID point) {
    return layers.stream().filter(m -> m.id().equals(point)).findFirst();
  }

  /** What builds directly on a restore point. */
  public List<Manifest> childrenOf(UUID point) {
    return layers.stream().filter(m -> point.equals(m.parent())).toList();
  }
}
