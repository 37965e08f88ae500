package dev.kedge.openstack.nova;

import dev.kedge.base.ErrorCode;
import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiCollection.Spelling;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiPath;
import dev.kedge.openstack.client.OpenStackException;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.client.ServiceClient;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Instances and what belongs to them. Thread-safe. Every method throws {@link OpenStackException}
 * where Nova does not do what it is asked.
 */
public final class Nova {
  private static final String ATTACHMENTS = "os-volume_attachments";

  private final ServiceClient service;
  private final ApiCollection<Server> servers;
  private final ApiCollection<Flavor> flavors;
  private final ApiCollection<ServerGroup> serverGroups;

  /** Nova behind a client of COMPUTE. */
  public Nova(ServiceClient service) {
    this.service = service;
    this.servers =
        new ApiCollection<>(
            service, Spelling.of("/servers", "server", "servers").detailed(), Server::of);
    this.flavors =
        new ApiCollection<>(
            service,
            Spelling.of("/flavors", "flavor", "flavors").detailed().withoutNameFilter(),
            Flavor::of);
    this.serverGroups =
        new ApiCollection<>(
            service,
            Spelling.of("/os-server-groups", "server_group", "server_groups").withoutNameFilter(),
            ServerGroup::of);
  }

  /** The microversion that is spoken, and calls that have no method here. */
  public ServiceClient service() {
    return service;
  }

  /** Servers. To create one use {@link #create}. */
  public ApiCollection<Server> servers() {
    return servers;
  }

  /** Flavours; {@code Query.of("is_public", "None")} lists those of other projects, too. */
  public ApiCollection<Flavor> flavors() {
    return flavors;
  }

  /** Server groups. */
  public ApiCollection<ServerGroup> serverGroups() {
    return serverGroups;
  }

  /**
   * Makes a server, which is then in status BUILD.
   *
   * @param fields the fields of {@code server}
   * @param schedulerHints {@code os:scheduler_hints}; null: none
   * @return its id
   */
  public String create(ObjectNode fields, @Nullable ObjectNode schedulerHints) {
    ObjectNode body = ApiJson.wrap("server", fields);
    if (schedulerHints != null) {
      body.set("os:scheduler_hints", schedulerHints);
    }
    return service.create("/servers", body).object("server").text("id");
  }

  /** Where a server is, for programs of others. */
  public URI url(String serverId) {
    return service.url(ApiPath.of("servers", serverId));
  }

  /** Shuts the guest down; nothing happens where it is down. */
  public void stop(String serverId) {
    power(serverId, "os-stop", "stopped");
  }

  /** Starts the guest; nothing happens where it runs. */
  public void start(String serverId) {
    power(serverId, "os-start", "active");
  }

  /** Stops the guest's processors; nothing happens where they stand still. */
  public void pause(String serverId) {
    power(serverId, "pause", "paused");
  }

  /** Lets the guest's processors go on; nothing happens where they run. */
  public void unpause(String serverId) {
    power(serverId, "unpause", "active");
  }

  /** Writes the guest's memory to disk and stops it; nothing happens where that was done. */
  public void suspend(String serverId) {
    power(serverId, "suspend", "suspended");
  }

  /** Takes up a suspended guest; nothing happens where it runs. */
  public void resume(String serverId) {
    power(serverId, "resume", "active");
  }

  /** Repeating is safe: a conflict counts only where the server is not as wanted. */
  private void power(String serverId, String action, String wantedVmState) {
    try {
      service.act(actions(serverId), ApiJson.object().putNull(action));
    } catch (OpenStackException e) {
      if (e.code() != ErrorCode.BUSY || !wantedVmState.equals(servers.get(serverId).vmState())) {
        throw e;
      }
    }
  }

  /** Keeps the project's users from changing the server; operators still can. */
  public void lock(String serverId, String reason) {
    service.act(
        actions(serverId), ApiJson.wrap("lock", ApiJson.object().put("locked_reason", reason)));
  }

  /** Ends a lock. */
  public void unlock(String serverId) {
    service.act(actions(serverId), ApiJson.object().putNull("unlock"));
  }

  /** An action of any kind: {@code {"os-resetState": {"state": "active"}}}. Sent once. */
  public void action(String serverId, ObjectNode action) {
    service.actOnce(actions(serverId), action);
  }

  /**
   * Makes an image of the disk that a server booted from. It is there at once, and {@code active}
   * when Nova has written it; where that fails, Nova deletes it.
   *
   * @return the image's id
   */
  public String createImage(String serverId, String name) {
    ObjectNode wanted = ApiJson.object().put("name", name);
    return service.create(actions(serverId), ApiJson.wrap("createImage", wanted)).text("image_id");
  }

  /** The last lines that the guest wrote to its console. */
  public String consoleOutput(String serverId, int lines) {
    ObjectNode body = ApiJson.wrap("os-getConsoleOutput", ApiJson.object().put("length", lines));
    return service.ask(actions(serverId), body).text("output");
  }

  /** Replaces the metadata. */
  public void setMetadata(String serverId, Map<String, String> metadata) {
    service.store(
        ApiPath.of("servers", serverId, "metadata"),
        ApiJson.wrap("metadata", ApiJson.texts(metadata)));
  }

  /** Replaces the tags. */
  public void setTags(String serverId, List<String> tags) {
    service.store(
        ApiPath.of("servers", serverId, "tags"), ApiJson.wrap("tags", ApiJson.texts(tags)));
  }

  /** The volumes at a server, in the order in which Nova names them. */
  public List<VolumeAttachment> volumeAttachments(String serverId) {
    return service
        .list(ApiPath.of("servers", serverId, ATTACHMENTS), Query.none(), "volumeAttachments")
        .stream()
        .map(VolumeAttachment::of)
        .toList();
  }

  /**
   * Attaches a volume; Nova goes on in the background.
   *
   * @param fields {@code device}, {@code tag}, {@code delete_on_termination}; may be empty
   */
  public void attachVolume(String serverId, String volumeId, ObjectNode fields) {
    ObjectNode attachment = fields.deepCopy().put("volumeId", volumeId);
    service.actOnce(
        ApiPath.of("servers", serverId, ATTACHMENTS), ApiJson.wrap("volumeAttachment", attachment));
  }

  /** Detaches a volume; Nova goes on in the background. False where it was not there. */
  public boolean detachVolume(String serverId, String volumeId) {
    return service.delete(ApiPath.of("servers", serverId, ATTACHMENTS, volumeId));
  }

  /** The ports at a server. */
  public List<InterfaceAttachment> interfaces(String serverId) {
    return service
        .get(ApiPath.of("servers", serverId, "os-interface"))
        .objects("interfaceAttachments")
        .stream()
        .map(InterfaceAttachment::of)
        .toList();
  }

  /** Attaches a port that exists. */
  public InterfaceAttachment attachPort(String serverId, String portId) {
    ObjectNode body = ApiJson.wrap("interfaceAttachment", ApiJson.object().put("port_id", portId));
    return InterfaceAttachment.of(
        service
            .create(ApiPath.of("servers", serverId, "os-interface"), body)
            .object("interfaceAttachment"));
  }

  /** Detaches a port; false where it was not there. */
  public boolean detachPort(String serverId, String portId) {
    return service.delete(ApiPath.of("servers", serverId, "os-interface", portId));
  }

  /** Gives a flavour more extra specs, or other values of those that it has. */
  public void addExtraSpecs(String flavorId, Map<String, String> specs) {
    service.act(
        ApiPath.of("flavors", flavorId, "os-extra_specs"),
        ApiJson.wrap("extra_specs", ApiJson.texts(specs)));
  }

  /** Lets a project use a flavour that is not public; nothing happens where it may already. */
  public void allowFlavor(String flavorId, String projectId) {
    try {
      service.act(
          ApiPath.of("flavors", flavorId, "action"),
          ApiJson.wrap("addTenantAccess", ApiJson.object().put("tenant", projectId)));
    } catch (OpenStackException e) {
      if (e.code() != ErrorCode.BUSY) {
        throw e;
      }
    }
  }

  /**
   * A key pair.
   *
   * @param userId whose; null: the caller's. Others' are for operators only.
   */
  public Optional<KeyPair> keyPair(String name, @Nullable String userId) {
    Query query = userId == null ? Query.none() : Query.of("user_id", userId);
    return service
        .find(ApiPath.of("os-keypairs", name), query)
        .map(answer -> KeyPair.of(answer.object("keypair")));
  }

  /** Gives the caller a key pair of which he has the private half. */
  public KeyPair importKeyPair(String name, String type, String publicKey) {
    ObjectNode fields =
        ApiJson.object().put("name", name).put("type", type).put("public_key", publicKey);
    return KeyPair.of(
        service.create("/os-keypairs", ApiJson.wrap("keypair", fields)).object("keypair"));
  }

  /** Deletes one of the caller's key pairs; false where there was none. */
  public boolean deleteKeyPair(String name) {
    return service.delete(ApiPath.of("os-keypairs", name));
  }

  /** The zones in which a server can be made. */
  public List<String> availabilityZones() {
    return service.get("/os-availability-zone").objects("availabilityZoneInfo").stream()
        .filter(zone -> zone.object("zoneState").flag("available"))
        .map(zone -> zone.text("zoneName"))
        .toList();
  }

  /** What the project may have and has ({@code absolute}: {@code maxTotalCores}, ...). */
  public ApiObject limits() {
    return service.get("/limits").object("limits").object("absolute");
  }

  private static String actions(String serverId) {
    return ApiPath.of("servers", serverId, "action");
  }
}
