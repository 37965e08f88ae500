package dev.kedge.openstack.capture;

import dev.kedge.openstack.freeze.StandStill;
import dev.kedge.repository.InstancePoint.Consistency;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What will be done to one guest.
 *
 * @param consistency what that gives
 * @param how null: nothing needs to be done, or can
 * @param notes why not more
 */
record StandStillPlan(Consistency consistency, @Nullable StandStill how, List<String> notes) {
  StandStillPlan {
    notes = List.copyOf(notes);
  }

  static StandStillPlan nothing(Consistency consistency, String... notes) {
    return new StandStillPlan(consistency, null, List.of(notes));
  }
}
