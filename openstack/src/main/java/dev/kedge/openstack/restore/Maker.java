package dev.kedge.openstack.restore;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.openstack.client.Creation;
import dev.kedge.openstack.client.OpenStackException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
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
    journal.assertOurs();
    String mark = marks.of(original);
    Made known = journal.find(kind, original);
    if (known != null && known.id() != null) {
      return known.id();
    }
    Optional<String> begun = known == null ? Optional.empty() : objects.find(known, mark);
    Made wanted =
        known == null ? new Made(kind, original, name, null, objects.others(kind, name)) : known;
    if (known == null) {
      journal.record(wanted);
    }
    boolean doubt = known != null;
    Made made = wanted.withId(begun.orElseGet(() -> create(wanted, mark, create, doubt)));
    journal.record(made);
    progress.note("made " + made.label());
    return String.valueOf(made.id());
  }

  private String create(
      Made wanted, String mark, Function<String, String> create, boolean earlierRequests) {
    AtomicBoolean doubt = new AtomicBoolean(earlierRequests);
    try {
      return Creation.once(
          () -> {
            doubt.set(true);
            return objects.find(wanted, mark);
          },
          () -> create.apply(mark));
    } catch (OpenStackException e) {
      if (!doubt.get() && !e.outcomeUnknown()) {
        // It was refused: what has that name is somebody else's, and no clean-up's business.
        forget(wanted, e);
      }
      throw e;
    }
  }

  private void forget(Made wanted, OpenStackException refusal) {
    try {
      journal.forget(wanted);
    } catch (KedgeException e) {
      refusal.addSuppressed(e);
    }
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
    journal.assertOurs();
    String mark = marks.of(original);
    Made wanted = new Made(kind, original, name, null, List.of());
    journal.record(wanted);
    objects.find(wanted, mark).ifPresent(id -> objects.remove(kind, id));
    String id = Creation.once(() -> objects.find(wanted, mark), () -> create.apply(mark));
    use.accept(id);
    objects.remove(kind, id);
    journal.forget(wanted);
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
    journal.assertOurs();
    if (!journal.isDone(step)) {
      action.run();
      journal.markDone(step);
    }
  }
}
