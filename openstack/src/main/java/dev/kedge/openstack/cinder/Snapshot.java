package dev.kedge.openstack.cinder;

import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Waiter;
import tools.jackson.databind.node.ObjectNode;

/** A volume's snapshot that Cinder knows. */
public record Snapshot(
    String id, String name, String volumeId, String status, long sizeGib, ObjectNode raw)
    implements ApiResource {

  /** Reads a snapshot, from an answer or from what was kept of one. */
  public static Snapshot of(ApiObject json) {
    return new Snapshot(
        json.text("id"),
        json.textOrEmpty("name"),
        json.text("volume_id"),
        json.text("status"),
        json.number("size"),
        json.raw());
  }

  /** For a {@link Waiter}. */
  public Waiter.State state() {
    return new Waiter.State(status, "Cinder's log says why");
  }
}
