package dev.kedge.openstack.keystone;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import tools.jackson.databind.node.ObjectNode;

/** A user. */
public record User(String id, String name, String domainId, ObjectNode raw) implements ApiResource {

  /** Reads a user, from an answer or from what was kept of one. */
  public static User of(ApiObject json) {
    return new User(json.text("id"), json.text("name"), json.text("domain_id"), json.raw());
  }
}
