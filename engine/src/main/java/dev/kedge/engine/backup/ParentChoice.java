package dev.kedge.engine.backup;

import dev.kedge.engine.chain.ChainHealth;
import dev.kedge.repository.DamagedPoint;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a new restore point can build on.
 *
 * @param base the latest restore point; null: none
 * @param whyNone for people; empty where there is one
 * @param notes what people should know of damage
 */
record ParentChoice(@Nullable Manifest base, String whyNone, List<String> notes) {
  ParentChoice {
    notes = List.copyOf(notes);
  }

  static ParentChoice of(ImageStore store, PointListing listing, boolean full) {
    List<String> notes = new ArrayList<>();
    for (DamagedPoint damaged : listing.damaged()) {
      notes.add(
          "restore point "
              + damaged.point()
              + " is damaged and nothing builds on it from now on ("
              + damaged.failure().getMessage()
              + "); run 'kedge verify --all'");
    }
    Optional<Manifest> latest = listing.latest();
    if (latest.isEmpty()) {
      return new ParentChoice(null, "there is no restore point yet", notes);
    }
    if (full) {
      return new ParentChoice(null, "a full backup was asked for", notes);
    }
    Optional<String> broken = ChainHealth.damage(store, latest.get().id());
    if (broken.isPresent()) {
      notes.add(
          "the chain of the latest restore point is damaged ("
              + broken.get()
              + "), so this backup is a full one; run 'kedge verify --all'");
      return new ParentChoice(null, "the chain of the latest restore point is damaged", notes);
    }
    return new ParentChoice(latest.get(), "", notes);
  }
}
