package dev.kedge.openstack.client;

import tools.jackson.databind.node.ObjectNode;

/** An object of an API: the fields that Kedge understands, and the answer as it came. */
public interface ApiResource {
  /** Unique within the service. */
  String id();

  /** What people call it; may be empty, and need not be unique. */
  String name();

  /** The answer with every field, those that Kedge does not know among them. */
  ObjectNode raw();
}
