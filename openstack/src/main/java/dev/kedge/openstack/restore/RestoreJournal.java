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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one restore has made so far, kept on the target. Each thing is written down before it is
 * made, and again with its id, so that no kill loses one. For one thread.
 */
public final class RestoreJournal {
  private static final int SCHEMA = 1;
  private static final String UNDER = "keptUnder";

  private record Key(ResourceKind kind, String original) {}

  private final RestoreJournals store;
  private final List<UUID> instances;
  private final UUID id;
  private final Instant startedAt;
  private final String projectId;
  private final RestoreScope scope;
  private final String plan;
  private final Map<Key, Made> made = new LinkedHashMap<>();
  private final Set<String> done = new LinkedHashSet<>();
  private Runnable guard = () -> {};

  private RestoreJournal(
      RestoreJournals store,
      List<UUID> instances,
      UUID id,
      Instant startedAt,
      String projectId,
      RestoreScope scope,
      String plan) {
    this.store = store;
    this.instances = List.copyOf(instances);
    this.id = id;
    this.startedAt = startedAt;
    this.projectId = projectId;
    this.scope = scope;
    this.plan = plan;
  }

  /**
   * Starts a journal.
   *
   * @param instances what is restored; it is kept under the first, the others refer to it
   * @param plan the plan's text, with which the restore can be gone on with
   */
  static RestoreJournal begin(
      RestoreJournals store,
      List<UUID> instances,
      UUID id,
      Instant now,
      String projectId,
      RestoreScope scope,
      String plan) {
    RestoreJournal journal = new RestoreJournal(store, instances, id, now, projectId, scope, plan);
    journal.save();
    ObjectNode reference =
        RestoreJournals.newObject()
            .put("schema", SCHEMA)
            .put(UNDER, instances.getFirst().toString());
    journal.others().forEach(other -> store.save(other, id, reference.deepCopy()));
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
    return store
        .read(instance, id)
        .flatMap(json -> {
          ApiObject fields = ApiObject.kept(json, "the journal of restore " + id);
          if (fields.number("schema") != SCHEMA) {
            throw new KedgeException(
                ErrorCode.REFUSED, "restore " + id + " was begun by a newer Kedge: use that");
          }
          String under = fields.textOrNull(UNDER);
          if (under == null) {
            return Optional.of(parse(store, instance, id, fields));
          }
          UUID first = UUID.fromString(under);
          return first.equals(instance) ? Optional.empty() : read(store, first, id);
        });
  }

  private static RestoreJournal parse(
      RestoreJournals store, UUID instance, UUID id, ApiObject fields) {
    List<UUID> instances = fields.texts("instances").stream().map(UUID::fromString).toList();
    RestoreJournal journal =
        new RestoreJournal(
            store,
            instances.isEmpty() ? List.of(instance) : instances,
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
              entry.textOrNull("id"),
              entry.texts("others")));
    }
    journal.done.addAll(fields.texts("done"));
    return journal;
  }

  /** The restore. */
  public UUID id() {
    return id;
  }

  /** What is restored. */
  List<UUID> instances() {
    return instances;
  }

  private List<UUID> others() {
    return instances.subList(1, instances.size());
  }

  /** What throws where another process may have taken the restore over. */
  void guardBy(Runnable assertion) {
    guard = assertion;
  }

  /** To be called before anything is changed; throws BUSY where that is another's now. */
  void assertOurs() {
    guard.run();
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

  /** The ids of all that was made of a kind. */
  Set<String> ids(ResourceKind kind) {
    return made.values().stream()
        .filter(thing -> thing.kind() == kind)
        .map(Made::id)
        .filter(Objects::nonNull)
        .collect(Collectors.toSet());
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
    assertOurs();
    others().forEach(other -> store.delete(other, id));
    store.delete(instances.getFirst(), id);
  }

  private void put(Made thing) {
    made.put(new Key(thing.kind(), thing.original()), thing);
  }

  private void save() {
    assertOurs();
    ObjectNode json = RestoreJournals.newObject();
    json.put("schema", SCHEMA)
        .put("startedAt", startedAt.toString())
        .put("projectId", projectId)
        .put("scope", scope.name().toLowerCase(Locale.ROOT))
        .put("plan", plan);
    ArrayNode restored = json.putArray("instances");
    instances.forEach(instance -> restored.add(instance.toString()));
    ArrayNode list = json.putArray("made");
    for (Made thing : new ArrayList<>(made.values())) {
      ObjectNode entry =
          list.addObject()
              .put("kind", thing.kind().name().toLowerCase(Locale.ROOT))
              .put("original", thing.original())
              .put("name", thing.name())
              .put("id", thing.id());
      ArrayNode others = entry.putArray("others");
      thing.others().forEach(others::add);
    }
    ArrayNode steps = json.putArray("done");
    done.forEach(steps::add);
    store.save(instances.getFirst(), id, json);
  }
}
