package dev.kedge.openstack.keystone;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import tools.jackson.databind.node.ObjectNode;

/** A project. */
public record Project(String id, String name, String domainId, boolean enabled, ObjectNode raw)
    implements ApiResource {

  /** Reads a project, from an answer or from what was kept of one. */
  public static Project of(ApiObject json) {
    return new Project(
        json.text("id"),
        json.text("name"),
        json.text("domain_id"),
        json.flag("enabled", true),
        json.raw());
  }
}
