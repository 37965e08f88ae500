package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * The objects of one kind in a service, with the calls that all kinds share. Thread-safe. Every
 * method throws {@link OpenStackException} where the service does not do what it is asked.
 */
public final class ApiCollection<T extends ApiResource> {
  /**
   * Characters that match themselves where a service takes a name filter for a pattern; a dot also
   * matches others, which are sorted out here.
   */
  private static final String PLAIN_NAME = "[A-Za-z0-9 ._-]+";

  /**
   * How the API spells a kind.
   *
   * @param path of the collection: {@code /servers}
   * @param listPath where it is listed with all fields: {@code /servers/detail}
   * @param wrapper the field around one object; empty where there is none
   * @param listField the field around a list
   * @param nameFilter whether a list can be asked for a name
   */
  public record Spelling(
      String path, String listPath, String wrapper, String listField, boolean nameFilter) {
    /** At {@code path}, with a name filter. */
    public static Spelling of(String path, String wrapper, String listField) {
      return new Spelling(path, path, wrapper, listField, true);
    }

    /** The same, with a path of its own for a list with all fields. */
    public Spelling detailed() {
      return new Spelling(path, path + "/detail", wrapper, listField, nameFilter);
    }

    /** The same, where a list refuses to be asked for a name. */
    public Spelling withoutNameFilter() {
      return new Spelling(path, listPath, wrapper, listField, false);
    }

    /** The word for messages. */
    String word() {
      return wrapper.isEmpty() ? listField : wrapper.replace('_', ' ');
    }
  }

  private final ServiceClient service;
  private final Spelling spelling;
  private final Function<ApiObject, T> read;

  /** Objects of a kind, as {@code read} makes them from an answer. */
  public ApiCollection(ServiceClient service, Spelling spelling, Function<ApiObject, T> read) {
    this.service = service;
    this.spelling = spelling;
    this.read = read;
  }

  /** All that match the filters. */
  public List<T> list(Query filters) {
    return service.list(spelling.listPath(), filters, spelling.listField()).stream()
        .map(read)
        .toList();
  }

  /** The object of an id; throws NOT_FOUND where there is none. */
  public T get(String id) {
    return unwrap(service.get(path(id)));
  }

  /** The object of an id. */
  public Optional<T> find(String id) {
    return service.find(path(id)).map(this::unwrap);
  }

  /** All objects of exactly this name. */
  public List<T> named(String name, Query filters) {
    Query query =
        spelling.nameFilter() && name.matches(PLAIN_NAME) ? filters.and("name", name) : filters;
    return list(query).stream().filter(found -> found.name().equals(name)).toList();
  }

  /**
   * The object that a user means.
   *
   * @throws KedgeException NOT_FOUND where there is none, USAGE where several have the name
   */
  public T byNameOrId(String nameOrId, Query filters) {
    Optional<T> byId = looksLikeId(nameOrId) ? find(nameOrId) : Optional.empty();
    if (byId.isPresent()) {
      return byId.get();
    }
    List<T> named = named(nameOrId, filters);
    if (named.size() == 1) {
      return named.getFirst();
    }
    String kind = service.service().project() + "'s " + spelling.word() + " " + nameOrId;
    if (named.isEmpty()) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND, kind + " does not exist, or not in this project");
    }
    String ids = named.stream().map(ApiResource::id).collect(Collectors.joining(", "));
    throw new KedgeException(
        ErrorCode.USAGE, kind + " is the name of several: use an id of " + ids);
  }

  /** Ids are UUIDs, with or without dashes; those of flavours may be anything short. */
  private static boolean looksLikeId(String text) {
    return text.matches("[A-Za-z0-9._-]{1,255}") && !text.equals(".") && !text.equals("..");
  }

  /** Makes one from these fields. */
  public T create(ObjectNode fields) {
    return unwrap(service.create(spelling.path(), wrap(fields)));
  }

  /** Changes these fields. */
  public T update(String id, ObjectNode fields) {
    return unwrap(service.put(path(id), wrap(fields)));
  }

  /** Deletes; false where there was none. */
  public boolean delete(String id) {
    return service.delete(path(id));
  }

  private String path(String id) {
    return spelling.path() + ApiPath.of(id);
  }

  private ObjectNode wrap(ObjectNode fields) {
    return spelling.wrapper().isEmpty() ? fields : ApiJson.wrap(spelling.wrapper(), fields);
  }

  private T unwrap(ApiObject answer) {
    return read.apply(spelling.wrapper().isEmpty() ? answer : answer.object(spelling.wrapper()));
  }
}
