package dev.kedge.openstack.barbican;

import dev.kedge.openstack.client.ApiObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What Barbican says of a secret; not the secret.
 *
 * @param reference its URL
 * @param contentType of the payload; null: it has none yet
 */
public record SecretInfo(
    String reference,
    @Nullable String name,
    String type,
    @Nullable String algorithm,
    @Nullable String mode,
    long bitLength,
    @Nullable String contentType,
    ObjectNode raw) {

  /** Reads a secret's description, from an answer or from what was kept of one. */
  public static SecretInfo of(ApiObject json) {
    ApiObject contentTypes = json.objectOrNull("content_types");
    return new SecretInfo(
        json.text("secret_ref"),
        json.textOrNull("name"),
        json.text("secret_type"),
        json.textOrNull("algorithm"),
        json.textOrNull("mode"),
        json.number("bit_length", 0),
        contentTypes == null ? null : contentTypes.textOrNull("default"),
        json.raw());
  }

  /** The same with another name. */
  public SecretInfo named(String other) {
    return new SecretInfo(reference, other, type, algorithm, mode, bitLength, contentType, raw);
  }

  /** The id: the end of the reference. */
  public String id() {
    return reference.substring(reference.lastIndexOf('/') + 1);
  }
}
