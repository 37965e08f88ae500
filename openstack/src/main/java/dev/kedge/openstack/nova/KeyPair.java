package dev.kedge.openstack.nova;

import dev.kedge.openstack.client.ApiObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The public half of a key pair; it belongs to a user, not to a project.
 *
 * @param userId null in a list
 */
public record KeyPair(
    String name,
    String type,
    String publicKey,
    String fingerprint,
    @Nullable String userId,
    ObjectNode raw) {

  /** Whether both are the public half of one key. */
  public boolean isSameKey(KeyPair other) {
    return fingerprint.equals(other.fingerprint);
  }

  /** Reads a key pair, from an answer or from what was kept of one. */
  public static KeyPair of(ApiObject json) {
    String type = json.textOrNull("type");
    return new KeyPair(
        json.text("name"),
        type == null ? "ssh" : type,
        json.text("public_key"),
        json.textOrEmpty("fingerprint"),
        json.textOrNull("user_id"),
        json.raw());
  }
}
