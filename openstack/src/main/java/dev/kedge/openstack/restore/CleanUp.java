package dev.kedge.openstack.restore;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Removes what a restore made, the last first; what was there before is never touched. What cannot
 * be removed stays in the journal, so that it can be tried again. One thread.
 */
final class CleanUp {
  private final RestoreJournal journal;
  private final MadeObjects objects;
  private final Marks marks;
  private final Progress progress;

  CleanUp(RestoreJournal journal, MadeObjects objects, Marks marks, Progress progress) {
    this.journal = journal;
    this.objects = objects;
    this.marks = marks;
    this.progress = progress;
  }

  /**
   * Removes it.
   *
   * @return what could not be removed, with the reason; empty: all is gone, and the journal with it
   * @throws KedgeException BUSY where another process has taken the restore over
   */
  List<String> run() {
    List<String> left = new ArrayList<>();
    for (Made thing : journal.made().reversed()) {
      journal.assertOurs();
      try {
        remove(thing);
        journal.forget(thing);
      } catch (KedgeException e) {
        left.add(thing.label() + ": " + e.getMessage());
      }
    }
    if (left.isEmpty()) {
      journal.close();
    }
    return left;
  }

  private void remove(Made thing) {
    String id =
        thing.id() != null
            ? thing.id()
            : objects.find(thing, marks.of(thing.original())).orElse(null);
    if (id != null && thing.kind() == ResourceKind.ROUTER_INTERFACE) {
      objects.removeRoutes(journal.ids(ResourceKind.ROUTER), id);
    }
    if (id != null) {
      objects.remove(thing.kind(), Objects.requireNonNull(id));
      progress.note("removed " + thing.label());
    }
  }
}
