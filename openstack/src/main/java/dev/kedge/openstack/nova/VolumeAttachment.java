package dev.kedge.openstack.nova;

import dev.kedge.openstack.client.ApiObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A volume at a server, as Nova sees it.
 *
 * @param device {@code /dev/vdb}; null where Nova does not know
 * @param attachmentId Cinder's attachment; null before microversion 2.89
 */
public record VolumeAttachment(
    String serverId,
    String volumeId,
    @Nullable String device,
    @Nullable String attachmentId,
    boolean deleteOnTermination,
    @Nullable String tag,
    ObjectNode raw) {

  /** Reads an attachment, from an answer or from what was kept of one. */
  public static VolumeAttachment of(ApiObject json) {
    return new VolumeAttachment(
        json.text("serverId"),
        json.text("volumeId"),
        json.textOrNull("device"),
        json.textOrNull("attachment_id"),
        json.flag("delete_on_termination", false),
        json.textOrNull("tag"),
        json.raw());
  }
}
