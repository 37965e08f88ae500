package dev.kedge.openstack.restore;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.openstack.client.Creation;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Makes each thing once, however often it is asked or killed. One thread. */
final class Maker {
  private final RestoreJournal journal;
  private final MadeObjects objects;
  private final Marks marks;
  private final Progress progress;
  private final CancelToken cancel;

  Maker(
      RestoreJournal journal,
      MadeObjects objects,
      Marks marks,
      Progress progress,
      CancelToken cancel) {
    this.journal = journal;
    this.objects = objects;
    this.marks = marks;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * The id of what stands for an original; made where that did not happen yet.
   *
   * @param create makes it with the mark that it is given, and returns its id
   */
  String make(ResourceKind kind, String original, String name, Function<String, String> create) {
    cancel.check();
    String mark = marks.of(original);
    Made known = journal.find(kind, original);
    if (known != null && known.id() != null) {
      return known.id();
    }
    Optional<String> begun =
        known == null ? Optional.empty() : objects.find(kind, known.name(), mark);
    if (known == null) {
      journal.record(new Made(kind, original, name, null));
    }
    String id =
        begun.orElseGet(
            () -> Creation.once(() -> objects.find(kind, name, mark), () -> create.apply(mark)));
    Made made = new Made(kind, original, name, id);
    journal.record(made);
    progress.note("made " + made.label());
    return id;
  }

  /**
   * Makes something, uses it, and removes it. What an earlier attempt left of it goes first; what a
   * failure leaves goes with all else that was made.
   */
  void makeAndRemove(
      ResourceKind kind,
      String original,
      String name,
      Function<String, String> create,
      Consumer<String> use) {
    cancel.check();
    String mark = marks.of(original);
    Made made = new Made(kind, original, name, null);
    journal.record(made);
    objects.find(kind, name, mark).ifPresent(id -> objects.remove(kind, id));
    String id = Creation.once(() -> objects.find(kind, name, mark), () -> create.apply(mark));
    use.accept(id);
    objects.remove(kind, id);
    journal.forget(made);
  }

  /** Whether this restore made what stands for the original. */
  boolean made(ResourceKind kind, String original) {
    return journal.find(kind, original) != null;
  }

  /** The id of what this restore made. */
  String idOf(ResourceKind kind, String original) {
    Made made = journal.find(kind, original);
    if (made == null || made.id() == null) {
      throw new IllegalStateException("no " + kind.label() + " was made for " + original);
    }
    return made.id();
  }

  /** Does a step that leaves nothing behind by itself, once. */
  void once(String step, Runnable action) {
    cancel.check();
    if (!journal.isDone(step)) {
      action.run();
      journal.markDone(step);
    }
  }
}
