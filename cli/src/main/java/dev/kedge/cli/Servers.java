package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.nova.Server;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds servers as users name them. */
final class Servers {
  private static final String OPERATOR = "admin";

  private Servers() {}

  /** Each server once. */
  static List<Server> find(OpenStack cloud, List<String> namesOrIds) {
    Map<String, Server> found = new LinkedHashMap<>();
    for (String nameOrId : namesOrIds) {
      Server server = find(cloud, nameOrId);
      found.putIfAbsent(server.id(), server);
    }
    return List.copyOf(found.values());
  }

  /** In the user's project first; an operator's word also counts in all others. */
  private static Server find(OpenStack cloud, String nameOrId) {
    try {
      return cloud.nova().servers().byNameOrId(nameOrId, Query.none());
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.NOT_FOUND || !cloud.token().hasRole(OPERATOR)) {
        throw e;
      }
      return cloud.nova().servers().byNameOrId(nameOrId, Query.of("all_tenants", "1"));
    }
  }
}
