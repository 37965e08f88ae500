package dev.kedge.openstack.cleanup;

import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.nova.Nova;
import dev.kedge.openstack.nova.Server;
import java.util.Optional;

/** What Nova says of a server that may be gone. */
enum ServerFate {
  /** It is there. */
  EXISTS,
  /** Nova says that it was deleted. */
  DELETED,
  /** Nova says nothing: not for this user to see, of another cloud, or forgotten since. */
  UNKNOWN;

  private static final String DELETED_STATUS = "DELETED";
  private static final String EVER = "1970-01-01T00:00:00Z";

  /**
   * Asks Nova. That it finds no such server proves nothing: it may be another project's. Nova names
   * deleted ones in lists of what has changed, until an operator archives them.
   */
  static ServerFate of(String id, Nova nova, boolean operator) {
    if (nova.servers().find(id).isPresent()) {
      return EXISTS;
    }
    Query changed = Query.of("changes-since", EVER).and("uuid", id);
    Optional<Server> found =
        nova.servers().list(operator ? changed.and("all_tenants", "1") : changed).stream()
            .filter(server -> server.id().equals(id))
            .findFirst();
    return found
        .map(server -> server.status().equals(DELETED_STATUS) ? DELETED : EXISTS)
        .orElse(UNKNOWN);
  }
}
