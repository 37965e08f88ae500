package dev.kedge.openstack.barbican;

import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.ApiPath;
import dev.kedge.openstack.client.OpenStackException;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.client.ServiceClient;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Secrets: the keys of encrypted volumes. Thread-safe. Every method throws {@link
 * OpenStackException} where Barbican does not do what it is asked.
 */
public final class Barbican {
  private final ServiceClient service;

  /** Barbican behind a client of KEY_MANAGER. */
  public Barbican(ServiceClient service) {
    this.service = service;
  }

  /** A secret's description. */
  public Optional<SecretInfo> find(String secretId) {
    return service.find(ApiPath.of("secrets", secretId)).map(SecretInfo::of);
  }

  /** The project's secrets of a name; several may have one. */
  public List<SecretInfo> named(String name) {
    return service.get("/secrets", Query.of("name", name)).objects("secrets").stream()
        .map(SecretInfo::of)
        .filter(secret -> name.equals(secret.name()))
        .toList();
  }

  /** A secret itself. Keep it out of every message, and overwrite it when it was used. */
  public byte[] payload(String secretId) {
    return service.bytes(ApiPath.of("secrets", secretId, "payload"));
  }

  /**
   * Stores a secret like one that was described.
   *
   * @return the new one's id
   */
  public String store(SecretInfo like, byte[] payload) {
    ObjectNode secret = ApiJson.object();
    secret.put("name", like.name()).put("secret_type", like.type());
    secret.put("algorithm", like.algorithm()).put("mode", like.mode());
    if (like.bitLength() > 0) {
      secret.put("bit_length", like.bitLength());
    }
    secret.put("payload", Base64.getEncoder().encodeToString(payload));
    secret.put("payload_content_type", "application/octet-stream");
    secret.put("payload_content_encoding", "base64");
    String reference = service.create("/secrets", secret.removeNulls()).text("secret_ref");
    return reference.substring(reference.lastIndexOf('/') + 1);
  }

  /** Deletes a secret; false where there was none. */
  public boolean delete(String secretId) {
    return service.delete(ApiPath.of("secrets", secretId));
  }
}
