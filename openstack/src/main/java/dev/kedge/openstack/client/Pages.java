package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A list that comes in pages. The next one is where a link says: {@code <collection>_links} with
 * {@code rel: next} (Nova, Cinder, Neutron), {@code links.next} (Keystone), or {@code next}
 * (Glance, Barbican). Where there is no link but the page is full, it starts behind the last
 * object's id. A service that ignores all that and sends the same page again ends the list.
 */
final class Pages {
  /** Small enough that a page is no burden for either side. */
  static final int PAGE = 200;

  private final Function<Query, ApiObject> read;
  private final String collection;
  private final Set<String> seen = new HashSet<>();
  private final List<ApiObject> all = new ArrayList<>();

  Pages(Function<Query, ApiObject> read, String collection) {
    this.read = read;
    this.collection = collection;
  }

  List<ApiObject> all(Query query) {
    Optional<Query> next = Optional.of(query.and("limit", Integer.toString(PAGE)));
    while (next.isPresent()) {
      ApiObject page = read.apply(next.get());
      List<ApiObject> items = page.objects(collection);
      next = add(items) ? next(page, items, query) : Optional.empty();
    }
    return all;
  }

  /** Whether something on the page was new. */
  private boolean add(List<ApiObject> items) {
    boolean news = false;
    for (ApiObject item : items) {
      String id = item.textOrNull("id");
      if (id == null || seen.add(id)) {
        all.add(item);
        news = true;
      }
    }
    return news;
  }

  private Optional<Query> next(ApiObject page, List<ApiObject> items, Query query) {
    Optional<String> link = link(page);
    if (link.isPresent()) {
      return Optional.of(queryOf(page, link.get()));
    }
    String last = items.getLast().textOrNull("id");
    return items.size() < PAGE || last == null
        ? Optional.empty()
        : Optional.of(query.and("limit", Integer.toString(PAGE)).and("marker", last));
  }

  private Optional<String> link(ApiObject page) {
    for (String field : List.of(collection + "_links", singular() + "_links")) {
      for (ApiObject link : page.objectsOrEmpty(field)) {
        if ("next".equals(link.textOrNull("rel"))) {
          return Optional.of(link.text("href"));
        }
      }
    }
    ApiObject links = page.objectOrNull("links");
    String next = links == null ? page.textOrNull("next") : links.textOrNull("next");
    return Optional.ofNullable(next);
  }

  /** Cinder's {@code volume_type_links} go with {@code volume_types}. */
  private String singular() {
    return collection.endsWith("s") ? collection.substring(0, collection.length() - 1) : collection;
  }

  /** Only the query counts: host and scheme are often those behind a proxy. */
  private static Query queryOf(ApiObject page, String href) {
    try {
      return Query.ofEncoded(URI.create(href).getRawQuery());
    } catch (IllegalArgumentException e) {
      throw new KedgeException(
          ErrorCode.FAILED, page + " cannot be understood: its link to the next page is no URL", e);
    }
  }
}
