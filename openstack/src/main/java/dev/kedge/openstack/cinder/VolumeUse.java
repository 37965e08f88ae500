package dev.kedge.openstack.cinder;

import dev.kedge.openstack.client.ApiObject;
import org.jspecify.annotations.Nullable;

/**
 * Where a volume is attached, as the volume tells.
 *
 * @param serverId null where it is attached to a host without a server
 */
public record VolumeUse(
    String attachmentId,
    @Nullable String serverId,
    @Nullable String device,
    @Nullable String host) {

  static VolumeUse of(ApiObject json) {
    return new VolumeUse(
        json.text("attachment_id"),
        json.textOrNull("server_id"),
        json.textOrNull("device"),
        json.textOrNull("host_name"));
  }
}
