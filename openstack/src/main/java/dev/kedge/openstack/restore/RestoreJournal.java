package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.restore.plan.RestoreScope;
import dev.kedge.repository.RestoreJournals;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one restore has made so far, kept on the target. Each thing is written down before it is
 * made, and again with its id, so that no kill loses one. For one thread.
 */
public final class RestoreJournal {
  private static final int SCHEMA = 1;

  private record Key(ResourceKind kind, String original) {}

  private final RestoreJournals store;
  private final UUID instance;
  private final UUID id;
  private final Instant startedAt;
  private final String projectId;
  private final RestoreScope scope;
  private final String plan;
  private final Map<Key, Made> made = new LinkedHashMap<>();
  private final Set<String> done = new LinkedHashSet<>();

  private RestoreJournal(
      RestoreJournals store,
      UUID instance,
      UUID id,
      Instant startedAt,
      String projectId,
      RestoreScope scope,
      String plan) {
    this.store = store;
    this.instance = instance;
    this.id = id;
    this.startedAt = startedAt;
    this.projectId = projectId;
    this.scope = scope;
    this.plan = plan;
  }

  /**
   * Starts a journal.
   *
   * @param instance under which it is kept
   * @param plan the plan's text, with which the restore can be gone on with
   */
  static RestoreJournal begin(
      RestoreJournals store,
      UUID instance,
      UUID id,
      Instant now,
      String projectId,
      RestoreScope scope,
      String plan) {
    RestoreJournal journal = new RestoreJournal(store, instance, id, now, projectId, scope, plan);
    journal.save();
    return journal;
  }

  /** The restore of an instance that did not come to its end; the newest of several. */
  public static Optional<RestoreJournal> unfinished(RestoreJournals store, UUID instance) {
    RestoreJournal newest = null;
    for (UUID id : store.list(instance)) {
      RestoreJournal found = read(store, instance, id).orElse(null);
      if (found != null && (newest == null || found.startedAt.isAfter(newest.startedAt))) {
        newest = found;
      }
    }
    return Optional.ofNullable(newest);
  }

  private static Optional<RestoreJournal> read(RestoreJournals store, UUID instance, UUID id) {
    return store.read(instance, id).map(json -> parse(store, instance, id, json));
  }

  private static RestoreJournal parse(
      RestoreJournals store, UUID instance, UUID id, ObjectNode json) {
    ApiObject fields = ApiObject.kept(json, "the journal of restore " + id);
    if (fields.number("schema") != SCHEMA) {
      throw new KedgeException(
          ErrorCode.REFUSED, "restore " + id + " was begun by a newer Kedge: use that");
    }
    RestoreJournal journal =
        new RestoreJournal(
            store,
            instance,
            id,
            Instant.parse(fields.text("startedAt")),
            fields.text("projectId"),
            RestoreScope.valueOf(fields.text("scope").toUpperCase(Locale.ROOT)),
            fields.text("plan"));
    for (ApiObject entry : fields.objects("made")) {
      journal.put(
          new Made(
              ResourceKind.valueOf(entry.text("kind").toUpperCase(Locale.ROOT)),
              entry.text("original"),
              entry.text("name"),
              entry.textOrNull("id")));
    }
    journal.done.addAll(fields.texts("done"));
    return journal;
  }

  /** The restore. */
  public UUID id() {
    return id;
  }

  /** When it began. */
  public Instant startedAt() {
    return startedAt;
  }

  /** Into which project. */
  public String projectId() {
    return projectId;
  }

  /** How much of the plan. */
  public RestoreScope scope() {
    return scope;
  }

  /** The plan's text. */
  public String plan() {
    return plan;
  }

  /** What was made, or begun, in that order. */
  public List<Made> made() {
    return List.copyOf(made.values());
  }

  @Nullable Made find(ResourceKind kind, String original) {
    return made.get(new Key(kind, original));
  }

  /** Writes down what is about to be made, or what it became. */
  void record(Made thing) {
    put(thing);
    save();
  }

  /** Takes out what is not there any more. */
  void forget(Made thing) {
    made.remove(new Key(thing.kind(), thing.original()));
    save();
  }

  boolean isDone(String step) {
    return done.contains(step);
  }

  void markDone(String step) {
    done.add(step);
    save();
  }

  /** Ends it: nothing is left to do or to clean up. */
  void close() {
    store.delete(instance, id);
  }

  private void put(Made thing) {
    made.put(new Key(thing.kind(), thing.original()), thing);
  }

  private void save() {
    ObjectNode json = RestoreJournals.newObject();
    json.put("schema", SCHEMA)
        .put("startedAt", startedAt.toString())
        .put("projectId", projectId)
        .put("scope", scope.name().toLowerCase(Locale.ROOT))
        .put("plan", plan);
    ArrayNode list = json.putArray("made");
    for (Made thing : new ArrayList<>(made.values())) {
      list.addObject()
          .put("kind", thing.kind().name().toLowerCase(Locale.ROOT))
          .put("original", thing.original())
          .put("name", thing.name())
          .put("id", thing.id());
    }
    ArrayNode steps = json.putArray("done");
    done.forEach(steps::add);
    store.save(instance, id, json);
  }
}
