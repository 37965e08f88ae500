package dev.kedge.openstack.cinder;

import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiCollection.Spelling;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiPath;
import dev.kedge.openstack.client.OpenStackException;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.client.ServiceClient;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Volumes and what belongs to them. Thread-safe. Every method throws {@link OpenStackException}
 * where Cinder does not do what it is asked.
 */
public final class Cinder {
  private final ServiceClient service;
  private final ApiCollection<Volume> volumes;
  private final ApiCollection<Snapshot> snapshots;
  private final ApiCollection<VolumeType> types;

  /** Cinder behind a client of BLOCK_STORAGE. */
  public Cinder(ServiceClient service) {
    this.service = service;
    this.volumes =
        new ApiCollection<>(
            service, Spelling.of("/volumes", "volume", "volumes").detailed(), Volume::of);
    this.snapshots =
        new ApiCollection<>(
            service, Spelling.of("/snapshots", "snapshot", "snapshots").detailed(), Snapshot::of);
    this.types =
        new ApiCollection<>(
            service,
            Spelling.of("/types", "volume_type", "volume_types").withoutNameFilter(),
            VolumeType::of);
  }

  /** The microversion that is spoken, and calls that have no method here. */
  public ServiceClient service() {
    return service;
  }

  /** Volumes. To create one use {@link #create} or {@link #manage}. */
  public ApiCollection<Volume> volumes() {
    return volumes;
  }

  /** Snapshots that Cinder knows. */
  public ApiCollection<Snapshot> snapshots() {
    return snapshots;
  }

  /** Volume types; {@code Query.of("is_public", "None")} lists those of other projects, too. */
  public ApiCollection<VolumeType> types() {
    return types;
  }

  /** Makes a volume, which is then in status {@code creating}. */
  public Volume create(VolumeSpec spec) {
    return volumes.create(spec.json());
  }

  /** Takes an RBD image over, which is then in status {@code creating}; operators only. */
  public Volume manage(ManageSpec spec) {
    return Volume.of(
        service
            .create("/manageable_volumes", ApiJson.wrap("volume", spec.json()))
            .object("volume"));
  }

  /** Forgets a volume and leaves its RBD image; operators only. */
  public void unmanage(String volumeId) {
    act(volumeId, "os-unmanage", ApiJson.object());
  }

  /** Grows a volume that is not attached, or (3.42) one that is. */
  public void extend(String volumeId, long newSizeGib) {
    act(volumeId, "os-extend", ApiJson.object().put("new_size", newSizeGib));
  }

  /** Says whether one can boot from the volume. */
  public void setBootable(String volumeId, boolean bootable) {
    act(volumeId, "os-set_bootable", ApiJson.object().put("bootable", bootable));
  }

  /** Adds to the image properties that a server booted from the volume gets. */
  public void setImageMetadata(String volumeId, Map<String, String> metadata) {
    act(volumeId, "os-set_image_metadata", ApiJson.wrap("metadata", ApiJson.texts(metadata)));
  }

  /** Removes image properties. */
  public void unsetImageMetadata(String volumeId, Collection<String> keys) {
    for (String key : keys) {
      act(volumeId, "os-unset_image_metadata", ApiJson.object().put("key", key));
    }
  }

  /** Replaces the volume's own metadata. */
  public void setMetadata(String volumeId, Map<String, String> metadata) {
    service.store(
        ApiPath.of("volumes", volumeId, "metadata"),
        ApiJson.wrap("metadata", ApiJson.texts(metadata)));
  }

  /** Says that a volume is in a status, whatever it really is; operators only. */
  public void resetStatus(String volumeId, String status) {
    act(volumeId, "os-reset_status", ApiJson.object().put("status", status));
  }

  /** Deletes a volume in any status; operators only. */
  public void forceDelete(String volumeId) {
    act(volumeId, "os-force_delete", ApiJson.object());
  }

  /**
   * Makes a raw image of a volume that is not attached. The volume is in status {@code uploading}
   * until that is done, and {@code available} again whether it succeeded or not.
   *
   * @return the image's id
   */
  public String uploadToImage(String volumeId, String imageName) {
    ObjectNode wanted =
        ApiJson.object()
            .put("image_name", imageName)
            .put("disk_format", "raw")
            .put("container_format", "bare");
    return service
        .create(
            ApiPath.of("volumes", volumeId, "action"),
            ApiJson.wrap("os-volume_upload_image", wanted))
        .object("os-volume_upload_image")
        .text("image_id");
  }

  /**
   * Replaces the content of a volume that is not attached by an image's, from 3.68 on. The volume
   * is in status {@code downloading} until that is done, and has the image's properties then.
   */
  public void reimage(String volumeId, String imageId) {
    act(volumeId, "os-reimage", ApiJson.object().put("image_id", imageId));
  }

  /** An action of any kind. It may be sent twice. */
  public void act(String volumeId, String action, JsonNode arguments) {
    service.act(ApiPath.of("volumes", volumeId, "action"), ApiJson.wrap(action, arguments));
  }

  /**
   * Makes a snapshot, also of a volume in use; it is then in status {@code creating}.
   *
   * @param name of Cinder's snapshot
   */
  public Snapshot createSnapshot(String volumeId, String name, Map<String, String> metadata) {
    ObjectNode fields =
        ApiJson.object().put("volume_id", volumeId).put("name", name).put("force", true);
    fields.set("metadata", ApiJson.texts(metadata));
    return snapshots.create(fields);
  }

  /** An attachment, as Cinder keeps it. */
  public Optional<Attachment> attachment(String attachmentId) {
    return service
        .find(ApiPath.of("attachments", attachmentId))
        .map(answer -> Attachment.of(answer.object("attachment")));
  }

  /** The pools of all backends; operators only. */
  public List<BackendPool> pools() {
    return service
        .get("/scheduler-stats/get_pools", Query.of("detail", "true"))
        .objects("pools")
        .stream()
        .map(BackendPool::of)
        .toList();
  }

  /** QoS specs as they come; operators only. */
  public Optional<ApiObject> qosSpecs(String qosSpecsId) {
    return service
        .find(ApiPath.of("qos-specs", qosSpecsId))
        .map(answer -> answer.object("qos_specs"));
  }

  /**
   * How volumes of a type are encrypted ({@code provider}, {@code cipher}, ...); operators only.
   */
  public ApiObject encryption(String typeId) {
    return service.get(ApiPath.of("types", typeId, "encryption"));
  }

  /** What the project may have and has ({@code absolute}: {@code maxTotalVolumeGigabytes}, ...). */
  public ApiObject limits() {
    return service.get("/limits").object("limits").object("absolute");
  }
}
