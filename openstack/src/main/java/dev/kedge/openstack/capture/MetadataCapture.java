package dev.kedge.openstack.capture;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.barbican.VolumeKeys;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.client.ApiObject;
import dev.kedge.openstack.client.ApiResource;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.disks.Disk;
import dev.kedge.openstack.disks.DiskSource;
import dev.kedge.openstack.disks.ServerDisks;
import dev.kedge.openstack.nova.Flavor;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.nova.VolumeAttachment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Asks a cloud for everything that it knows of an instance. One use, one thread. */
public final class MetadataCapture {
  /** What was kept, and what people should know of what was not. */
  public record Captured(InstanceMetadata metadata, List<String> notes) {
    /** Copies the notes. */
    public Captured {
      notes = List.copyOf(notes);
    }
  }

  private final OpenStack cloud;
  private final Questions questions = new Questions();

  /** Asks that cloud. */
  public MetadataCapture(OpenStack cloud) {
    this.cloud = cloud;
  }

  /** Everything on a server, whose disks are known already. */
  public Captured capture(ServerDisks found) {
    // Nova's lists leave the server groups out.
    Server server = cloud.nova().servers().get(found.server().id());
    InstanceMetadata metadata = InstanceMetadata.empty(server.label());
    metadata.put(InstanceMetadata.SERVER, server.raw());
    questions
        .askQuietly(() -> cloud.keystone().projects().find(server.projectId()))
        .ifPresent(project -> metadata.put(InstanceMetadata.PROJECT, project.raw()));
    compute(server, metadata);
    volumes(found, metadata);
    new NetworkCapture(cloud.neutron(), questions).capture(server, metadata);
    return new Captured(metadata, questions.notes());
  }

  private void compute(Server server, InstanceMetadata metadata) {
    questions
        .ask("flavour " + server.flavor().name(), () -> flavor(server))
        .ifPresent(flavor -> metadata.put(InstanceMetadata.FLAVOR, flavor.raw()));
    String imageId = server.imageId();
    if (imageId != null) {
      questions
          .ask("image " + imageId, () -> cloud.glance().images().find(imageId))
          .ifPresent(image -> metadata.put(InstanceMetadata.IMAGE, image.raw()));
    }
    String keyName = server.keyName();
    if (keyName != null) {
      questions
          .ask("key pair " + keyName, () -> cloud.nova().keyPair(keyName, ownerIfOther(server)))
          .ifPresent(key -> metadata.put(InstanceMetadata.KEY_PAIR, key.raw()));
    }
    metadata.put(
        InstanceMetadata.SERVER_GROUPS,
        server.serverGroupIds().stream()
            .flatMap(id ->
                questions
                    .ask("server group " + id, () -> cloud.nova().serverGroups().find(id))
                    .stream())
            .map(ApiResource::raw)
            .toList());
    metadata.put(
        InstanceMetadata.INTERFACES,
        cloud.nova().interfaces(server.id()).stream().map(i -> i.raw()).toList());
  }

  /** The server carries the flavour's name, not its id; a name can be given to another flavour. */
  private Optional<Flavor> flavor(Server server) {
    return cloud
        .nova()
        .flavors()
        .named(server.flavor().name(), Query.of("is_public", "None"))
        .stream()
        .filter(flavor -> flavor.sameSizesAs(server.flavor()))
        .findFirst();
  }

  /** Key pairs belong to users; only operators may name another user. */
  private @Nullable String ownerIfOther(Server server) {
    return server.userId().equals(cloud.token().userId()) ? null : server.userId();
  }

  private void volumes(ServerDisks found, InstanceMetadata metadata) {
    metadata.put(
        InstanceMetadata.VOLUME_ATTACHMENTS,
        attachments(found).stream().map(VolumeAttachment::raw).toList());
    List<Volume> volumes =
        found.disks().stream()
            .map(Disk::source)
            .filter(DiskSource.CinderVolume.class::isInstance)
            .map(source -> ((DiskSource.CinderVolume) source).volume())
            .toList();
    metadata.put(InstanceMetadata.VOLUMES, volumes.stream().map(Volume::raw).toList());
    volumes.forEach(this::keepKey);
    Map<String, ObjectNode> types = new LinkedHashMap<>();
    Map<String, ObjectNode> qos = new LinkedHashMap<>();
    Map<String, ObjectNode> encryptions = new LinkedHashMap<>();
    for (Volume volume : volumes) {
      String typeId = volume.typeId() == null ? volume.typeName() : volume.typeId();
      if (typeId != null && !types.containsKey(typeId)) {
        type(typeId, types, qos, encryptions);
      }
    }
    metadata.put(InstanceMetadata.VOLUME_TYPES, List.copyOf(types.values()));
    metadata.put(InstanceMetadata.QOS_SPECS, List.copyOf(qos.values()));
    metadata.put(InstanceMetadata.ENCRYPTIONS, List.copyOf(encryptions.values()));
  }

  /** Cinder deletes a volume's key with the volume: without a copy nobody could restore it. */
  private void keepKey(Volume volume) {
    String keyId = volume.encryptionKeyId();
    if (keyId != null && !VolumeKeys.isFixed(keyId)) {
      questions.ask(
          "key %s of %s".formatted(keyId, volume.label()),
          () -> new VolumeKeys(cloud.barbican()).keep(keyId));
    }
  }

  private static List<VolumeAttachment> attachments(ServerDisks found) {
    return found.disks().stream()
        .map(disk ->
            switch (disk.source()) {
              case DiskSource.CinderVolume(VolumeAttachment attachment, Volume _) -> attachment;
              case DiskSource.UnknownVolume(VolumeAttachment attachment) -> attachment;
              case DiskSource.NovaDisk _ -> null;
            })
        .filter(Objects::nonNull)
        .toList();
  }

  private void type(
      String nameOrId,
      Map<String, ObjectNode> types,
      Map<String, ObjectNode> qos,
      Map<String, ObjectNode> encryptions) {
    questions
        .ask(
            "volume type " + nameOrId,
            () -> Optional.of(cloud.cinder().types().byNameOrId(nameOrId, Query.none())))
        .ifPresent(type -> {
          types.put(nameOrId, type.raw());
          String specs = type.qosSpecsId();
          if (specs != null) {
            questions
                .askQuietly(() -> cloud.cinder().qosSpecs(specs))
                .ifPresent(found -> qos.put(specs, found.raw()));
          }
          questions
              .askQuietly(() -> Optional.of(cloud.cinder().encryption(type.id())))
              .filter(found -> !found.raw().isEmpty())
              .ifPresent(found -> encryptions.put(type.id(), withTypeId(found, type.id())));
        });
  }

  /** Cinder leaves the id out in some releases. */
  private static ObjectNode withTypeId(ApiObject encryption, String typeId) {
    return encryption.raw().deepCopy().put("volume_type_id", typeId);
  }
}
