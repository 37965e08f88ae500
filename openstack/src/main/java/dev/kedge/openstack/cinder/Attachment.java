package dev.kedge.openstack.cinder;

import dev.kedge.openstack.client.ApiObject;
import org.jspecify.annotations.Nullable;

/**
 * A volume's attachment, as Cinder keeps it.
 *
 * @param serverId null where it is attached to a host without a server
 * @param connection null where the caller may not see it, or nothing is connected yet
 */
public record Attachment(
    String id,
    String volumeId,
    @Nullable String serverId,
    String status,
    @Nullable ConnectionInfo connection) {

  static Attachment of(ApiObject json) {
    return new Attachment(
        json.text("id"),
        json.text("volume_id"),
        json.textOrNull("instance"),
        json.text("status"),
        ConnectionInfo.of(json.objectOrNull("connection_info")));
  }
}
