package dev.kedge.openstack.restore;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiJson;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.glance.Image;
import dev.kedge.openstack.glance.ImageSpec;
import dev.kedge.openstack.nova.Flavor;
import dev.kedge.openstack.nova.KeyPair;
import dev.kedge.openstack.nova.ServerFlavor;
import dev.kedge.openstack.nova.ServerGroup;
import dev.kedge.openstack.restore.plan.Choice;
import dev.kedge.openstack.restore.plan.InstancePlan;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.repository.InstanceDisk;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes what Nova needs before it can make a server. One thread. */
final class ComputeSteps {
  private static final int EMPTY_IMAGE_BYTES = 1 << 20;
  private static final Duration UPLOAD_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration COPY_PATIENCE = Duration.ofHours(24);

  private final OpenStack cloud;
  private final Maker maker;
  private final Waiter waiter;
  private final ImageUpload upload;

  ComputeSteps(OpenStack cloud, Maker maker, Waiter waiter, ImageUpload upload) {
    this.cloud = cloud;
    this.maker = maker;
    this.waiter = waiter;
    this.upload = upload;
  }

  String flavor(Origin.Instance original, InstancePlan plan) {
    if (plan.flavor() instanceof Choice.Use(String name)) {
      return cloud.nova().flavors().byNameOrId(name, Query.none()).id();
    }
    ServerFlavor was = original.metadata().server().flavor();
    Optional<Flavor> kept = original.metadata().flavor();
    String id =
        maker.make(
            ResourceKind.FLAVOR,
            flavorKey(original),
            was.name(),
            mark ->
                cloud
                    .nova()
                    .flavors()
                    .create(
                        ApiJson.object()
                            .put("name", was.name())
                            .put("vcpus", was.vcpus())
                            .put("ram", was.ramMib())
                            .put("disk", was.rootDiskGib())
                            .put("OS-FLV-EXT-DATA:ephemeral", was.ephemeralGib())
                            .put("swap", was.swapMib())
                            .put(
                                "os-flavor-access:is_public",
                                kept.map(Flavor::isPublic).orElse(true))
                            .put("description", mark))
                    .id());
    maker.once(
        "extra specs of flavour " + id,
        () -> {
          if (!was.extraSpecs().isEmpty()) {
            cloud.nova().addExtraSpecs(id, was.extraSpecs());
          }
        });
    if (!kept.map(Flavor::isPublic).orElse(true)) {
      maker.once(
          "access to flavour " + id, () -> cloud.nova().allowFlavor(id, ProjectScope.idOf(cloud)));
    }
    return id;
  }

  private static String flavorKey(Origin.Instance original) {
    return original
        .metadata()
        .flavor()
        .map(Flavor::id)
        .orElseGet(() -> original.metadata().server().flavor().name());
  }

  /** What carried the restore's mark gets the originals' words back. */
  void settle(Origin.Instance original) {
    String flavor = flavorKey(original);
    if (maker.made(ResourceKind.FLAVOR, flavor)) {
      String id = maker.idOf(ResourceKind.FLAVOR, flavor);
      ObjectNode description = ApiJson.object();
      description.set(
          "description",
          original
              .metadata()
              .flavor()
              .map(kept -> kept.raw().path("description"))
              .filter(JsonNode::isString)
              .orElse(description.nullNode()));
      cloud.nova().flavors().update(id, description);
    }
    for (String image :
        List.of("" + original.metadata().server().imageId(), rootImageKey(original))) {
      if (maker.made(ResourceKind.IMAGE, image)) {
        cloud.glance().removeProperty(maker.idOf(ResourceKind.IMAGE, image), Marks.KEY);
      }
    }
  }

  Optional<String> keyPair(Origin.Instance original, InstancePlan plan) {
    return switch (plan.keyPair()) {
      case Choice.Leave() -> Optional.empty();
      case Choice.Use(String name) -> Optional.of(name);
      case Choice.Create() -> {
        KeyPair was = original.metadata().keyPair().orElseThrow();
        if (!maker.made(ResourceKind.KEY_PAIR, was.fingerprint())
            && cloud.nova().keyPair(was.name(), null).filter(was::isSameKey).isPresent()) {
          yield Optional.of(was.name());
        }
        yield Optional.of(
            maker.make(
                ResourceKind.KEY_PAIR,
                was.fingerprint(),
                was.name(),
                _ -> cloud.nova().importKeyPair(was.name(), was.type(), was.publicKey()).name()));
      }
    };
  }

  Optional<String> serverGroup(Origin.Instance original, InstancePlan plan) {
    return switch (plan.serverGroup()) {
      case Choice.Leave() -> Optional.empty();
      case Choice.Use(String name) ->
          Optional.of(cloud.nova().serverGroups().byNameOrId(name, Query.none()).id());
      case Choice.Create() -> {
        List<ServerGroup> groups = original.metadata().serverGroups();
        ServerGroup was = groups.getFirst();
        ObjectNode fields = ApiJson.object().put("name", was.name()).put("policy", was.policy());
        yield Optional.of(
            maker.make(
                ResourceKind.SERVER_GROUP,
                was.id(),
                was.name(),
                _ -> cloud.nova().serverGroups().create(fields).id()));
      }
    };
  }

  /** The image that Nova makes its root disk from; empty where it makes none. */
  Optional<String> image(Origin.Instance original, InstancePlan plan) {
    return switch (plan.image()) {
      case Choice.Leave() -> Optional.empty();
      case Choice.Use(String name) ->
          Optional.of(cloud.glance().images().byNameOrId(name, Query.none()).id());
      case Choice.Create() -> Optional.of(emptyImage(original));
    };
  }

  /** Nova's disk is overwritten anyway: it needs an image, but nothing in it. */
  private String emptyImage(Origin.Instance original) {
    String was = "" + original.metadata().server().imageId();
    return image(
        original,
        was,
        "kedge: empty, in place of image " + was,
        id ->
            cloud
                .glance()
                .upload(
                    id,
                    () -> new ByteArrayInputStream(new byte[EMPTY_IMAGE_BYTES]),
                    EMPTY_IMAGE_BYTES,
                    UPLOAD_TIMEOUT));
  }

  /** An image of the root disk, where nobody can write onto the one that Nova makes of it. */
  String rootImage(Origin.Instance original, InstanceDisk.Kept kept) {
    return image(
        original,
        rootImageKey(original),
        "kedge: root disk of %s, restore point %s"
            .formatted(original.point().instance().name(), kept.point()),
        id -> upload.run(kept, id, COPY_PATIENCE));
  }

  private static String rootImageKey(Origin.Instance original) {
    return "root disk of " + original.point().instance().id();
  }

  private String image(
      Origin.Instance original, String key, String name, Consumer<String> uploadTo) {
    Map<String, String> properties =
        original.metadata().image().map(Image::properties).orElse(Map.of());
    String id =
        maker.make(
            ResourceKind.IMAGE,
            key,
            name,
            mark -> {
              Map<String, String> all = new LinkedHashMap<>(withoutGlances(properties));
              all.put(Marks.KEY, mark);
              return cloud.glance().create(new ImageSpec(name, "raw", 0, 0, List.of(), all)).id();
            });
    maker.once(
        "content of image " + id,
        () -> {
          if (cloud.glance().images().get(id).status().equals("queued")) {
            uploadTo.accept(id);
          }
          waiter.until(
              "image " + name,
              () -> cloud.glance().images().get(id),
              Image::state,
              Set.of("active"));
        });
    return id;
  }

  /** Glance sets those itself, and lets nobody else. */
  private static Map<String, String> withoutGlances(Map<String, String> properties) {
    Map<String, String> others = new LinkedHashMap<>(properties);
    others.keySet().removeIf(key -> key.startsWith("os_glance") || key.equals("owner_specified"));
    return others;
  }
}
