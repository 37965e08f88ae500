package dev.kedge.engine.retention;

import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What becomes of restore points that are not wanted any more.
 *
 * @param deleted those that nothing needs, retired ones among them; what builds on another before
 *     it
 * @param retired those that are restore points now and become layers
 * @param after what is left, as it will be
 */
record ExpiryPlan(List<Manifest> deleted, List<Manifest> retired, PointListing after) {
  ExpiryPlan {
    deleted = List.copyOf(deleted);
    retired = List.copyOf(retired);
  }

  static ExpiryPlan of(PointListing listing, Set<UUID> expired) {
    List<Manifest> left = new ArrayList<>(listing.layers());
    List<Manifest> deleted = new ArrayList<>();
    for (Manifest layer : listing.layers().reversed()) {
      boolean gone = layer.isRetired() || expired.contains(layer.id());
      boolean needed = left.stream().anyMatch(other -> layer.id().equals(other.parent()));
      if (gone && !needed) {
        deleted.add(layer);
        left.remove(layer);
      }
    }
    List<Manifest> retired =
        left.stream().filter(layer -> !layer.isRetired() && expired.contains(layer.id())).toList();
    List<Manifest> after =
        left.stream()
            .map(layer -> retired.contains(layer) ? layer.retire(Instant.EPOCH) : layer)
            .toList();
    return new ExpiryPlan(deleted, retired, new PointListing(after, listing.damaged()));
  }

  /** The restore points that no other builds on: their chains are all that is kept. */
  List<Manifest> tops() {
    return after.layers().stream().filter(layer -> after.childrenOf(layer.id()).isEmpty()).toList();
  }
}
