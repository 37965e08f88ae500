package dev.kedge.openstack.restore;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.nova.Nova;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.restore.plan.InstancePlan;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.repository.InstanceDisk;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes a server, stops and starts it, and gives it cards and volumes. One use, one thread. */
final class ServerSteps {
  private static final String UP = "ACTIVE";
  private static final String DOWN = "SHUTOFF";
  private static final Set<String> UP_OR_DOWN = Set.of(UP, DOWN);

  /** What a server needs besides volumes: ids, but for the key pair, which has a name only. */
  record Surroundings(
      String flavor,
      Optional<String> image,
      Optional<String> keyPair,
      Optional<String> serverGroup,
      List<String> ports) {}

  private static final long GIB = 1L << 30;

  private final OpenStack cloud;
  private final Nova nova;
  private final Maker maker;
  private final Waiter waiter;
  private final InstancePlan plan;
  private final Server was;
  private final List<Long> ephemeralGib;

  ServerSteps(
      OpenStack cloud, Maker maker, Waiter waiter, Origin.Instance original, InstancePlan plan) {
    this.cloud = cloud;
    this.nova = cloud.nova();
    this.maker = maker;
    this.waiter = waiter;
    this.plan = plan;
    this.was = original.metadata().server();
    this.ephemeralGib = ephemeralGib(original.point().disks());
  }

  /** In the order of their numbers. */
  private static List<Long> ephemeralGib(List<InstanceDisk> disks) {
    return disks.stream()
        .filter(disk -> disk.role() == InstanceDisk.Role.EPHEMERAL)
        .sorted(Comparator.comparingInt(InstanceDisk::number))
        .map(InstanceDisk::content)
        .filter(InstanceDisk.Kept.class::isInstance)
        .map(kept -> Math.ceilDiv(((InstanceDisk.Kept) kept).sizeBytes(), GIB))
        .toList();
  }

  /** A server that starts with its volumes and cards. */
  String withEverything(Surroundings surroundings, List<AttachedVolume> volumes) {
    String id = make(surroundings, volumes, true);
    await(id, Set.of(UP));
    return id;
  }

  /** A stopped server with nothing but the disk that it boots from, and Nova's own. */
  String bare(Surroundings surroundings, List<AttachedVolume> volumes) {
    List<AttachedVolume> boot = volumes.stream().filter(v -> v.disk().boot()).toList();
    String id = make(surroundings, boot, false);
    maker.once(
        "stopped " + id,
        () -> {
          if (await(id, UP_OR_DOWN).status().equals(UP)) {
            nova.stop(id);
            await(id, Set.of(DOWN));
          }
        });
    return id;
  }

  /** Gives a stopped server the volumes and cards that it does not have yet. */
  void complete(String id, Surroundings surroundings, List<AttachedVolume> volumes) {
    Set<String> there =
        nova.volumeAttachments(id).stream().map(a -> a.volumeId()).collect(Collectors.toSet());
    for (AttachedVolume volume : volumes) {
      if (!there.contains(volume.volumeId())) {
        attach(id, volume);
      }
      waiter.until(
          "volume " + volume.volumeId(),
          () -> cloud.cinder().volumes().get(volume.volumeId()),
          Volume::state,
          Set.of("in-use"));
    }
    Set<String> cards =
        nova.interfaces(id).stream().map(card -> card.portId()).collect(Collectors.toSet());
    surroundings.ports().stream()
        .filter(port -> !cards.contains(port))
        .forEach(port -> nova.attachPort(id, port));
  }

  private void attach(String id, AttachedVolume volume) {
    InstanceDisk disk = volume.disk();
    ObjectNode fields = ApiJson.object().put("delete_on_termination", disk.deleteOnTermination());
    if (disk.tag() != null) {
      fields.put("tag", disk.tag());
    }
    nova.attachVolume(id, volume.volumeId(), fields);
  }

  void start(String id) {
    if (await(id, UP_OR_DOWN).status().equals(DOWN)) {
      nova.start(id);
      await(id, Set.of(UP));
    }
  }

  /** Takes the mark off, locks it where the original was locked, and reads it once more. */
  Server settled(String id) {
    nova.setMetadata(id, was.metadata());
    if (was.locked()) {
      nova.lock(id, "as the original was");
    }
    return nova.servers().get(id);
  }

  /** Nova refuses an action while another one is under way, of a run that was killed perhaps. */
  private Server await(String id, Set<String> statuses) {
    return waiter.until(
        "server " + plan.name(), () -> nova.servers().get(id), ServerSteps::state, statuses);
  }

  private static Waiter.State state(Server server) {
    return server.taskState() == null
        ? server.state()
        : new Waiter.State(server.status() + ", " + server.taskState(), "");
  }

  private String make(Surroundings surroundings, List<AttachedVolume> volumes, boolean cards) {
    return maker.make(
        ResourceKind.SERVER,
        was.id(),
        plan.name(),
        mark ->
            nova.create(
                fields(surroundings, volumes, cards, mark),
                surroundings
                    .serverGroup()
                    .map(group -> ApiJson.object().put("group", group))
                    .orElse(null)));
  }

  private ObjectNode fields(
      Surroundings surroundings, List<AttachedVolume> volumes, boolean cards, String mark) {
    ObjectNode fields =
        ApiJson.object().put("name", plan.name()).put("flavorRef", surroundings.flavor());
    boolean bootsFromVolume = volumes.stream().anyMatch(volume -> volume.disk().boot());
    surroundings
        .image()
        .filter(_ -> !bootsFromVolume)
        .ifPresent(image -> fields.put("imageRef", image));
    ArrayNode devices = devices(volumes);
    if (ephemeralGib.size() > 1) {
      addEphemeral(devices, surroundings.image().filter(_ -> !bootsFromVolume));
    }
    if (!devices.isEmpty()) {
      fields.set("block_device_mapping_v2", devices);
    }
    if (cards && !surroundings.ports().isEmpty()) {
      ArrayNode networks = fields.putArray("networks");
      surroundings.ports().forEach(port -> networks.addObject().put("port", port));
    } else {
      fields.put("networks", "none");
    }
    surroundings.keyPair().ifPresent(name -> fields.put("key_name", name));
    if (plan.availabilityZone() != null) {
      fields.put("availability_zone", plan.availabilityZone());
    }
    if (was.userData() != null) {
      fields.put("user_data", was.userData());
    }
    if (was.description() != null) {
      fields.put("description", was.description());
    }
    if (was.configDrive()) {
      fields.put("config_drive", true);
    }
    if (!was.tags().isEmpty()) {
      fields.set("tags", ApiJson.texts(was.tags()));
    }
    fields.set("metadata", ApiJson.texts(VolumeSteps.withMark(was.metadata(), mark)));
    return fields;
  }

  private ArrayNode devices(List<AttachedVolume> volumes) {
    ArrayNode devices = ApiJson.list();
    for (AttachedVolume volume : volumes) {
      InstanceDisk disk = volume.disk();
      ObjectNode device =
          devices
              .addObject()
              .put("source_type", "volume")
              .put("destination_type", "volume")
              .put("uuid", volume.volumeId())
              .put("boot_index", disk.boot() ? 0 : -1)
              .put("delete_on_termination", disk.deleteOnTermination());
      if (disk.tag() != null) {
        device.put("tag", disk.tag());
      }
    }
    return devices;
  }

  /** Nova makes one by itself, and several only where it is told of each; then of all disks. */
  private void addEphemeral(ArrayNode devices, Optional<String> bootImage) {
    bootImage.ifPresent(
        image -> device(devices, "image", 0).put("uuid", image).put("destination_type", "local"));
    for (long gib : ephemeralGib) {
      device(devices, "blank", -1).put("volume_size", gib).put("destination_type", "local");
    }
  }

  private static ObjectNode device(ArrayNode devices, String source, int bootIndex) {
    return devices
        .addObject()
        .put("source_type", source)
        .put("boot_index", bootIndex)
        .put("delete_on_termination", true);
  }
}
