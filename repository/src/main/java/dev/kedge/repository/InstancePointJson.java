package dev.kedge.repository;

import dev.kedge.repository.InstanceDisk.Content;
import dev.kedge.repository.InstanceDisk.Kept;
import dev.kedge.repository.InstanceDisk.LeftOut;
import dev.kedge.repository.InstancePoint.Consistency;
import dev.kedge.repository.InstancePoint.Instance;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON form of an {@link InstancePoint}, schema 1. */
final class InstancePointJson {
  /** What a cloud says of an instance with hundreds of rules and ports, and room to spare. */
  static final int MAX_BYTES = 16 << 20;

  private static final int SCHEMA = 1;

  private InstancePointJson() {}

  static byte[] write(InstancePoint point) {
    ObjectNode json = known(point);
    point.unknown().addTo(json);
    return SealedJson.seal(json, MAX_BYTES);
  }

  static InstancePoint read(byte[] bytes, String name) {
    ObjectNode json = SealedJson.unseal(bytes, name, MAX_BYTES);
    InstancePoint known = read(new JsonFields(json, name), UnknownFields.NONE);
    return read(new JsonFields(json, name), UnknownFields.without(json, known(known)));
  }

  private static ObjectNode known(InstancePoint point) {
    ObjectNode json = SealedJson.newObject();
    json.put("schema", SCHEMA)
        .put("id", point.id().toString())
        .put("momentId", point.momentId().toString())
        .put("sequence", point.sequence())
        .put("createdAt", point.createdAt().toString());
    Instance instance = point.instance();
    json.putObject("instance")
        .put("id", instance.id().toString())
        .put("name", instance.name())
        .put("projectId", instance.projectId())
        .put("userId", instance.userId())
        .put("cloud", instance.cloud())
        .put("region", instance.region());
    json.put("consistency", text(point.consistency())).put("freezeSeconds", point.freezeSeconds());
    ArrayNode disks = json.putArray("disks");
    point.disks().forEach(disk -> disks.add(disk(disk)));
    json.set("raw", point.raw().deepCopy());
    ArrayNode notes = json.putArray("notes");
    point.notes().forEach(notes::add);
    return json.put("writer", point.writer());
  }

  private static ObjectNode disk(InstanceDisk disk) {
    ObjectNode json = SealedJson.newObject();
    json.put("role", text(disk.role()))
        .put("number", disk.number())
        .put("boot", disk.boot())
        .put("device", disk.device())
        .put("tag", disk.tag())
        .put("deleteOnTermination", disk.deleteOnTermination())
        .put("volumeId", disk.volumeId())
        .put("encryptionKeyId", disk.encryptionKeyId());
    switch (disk.content()) {
      case Kept kept -> {
        json.set("kept", kept(kept));
        json.putNull("leftOut");
      }
      case LeftOut(String reason) -> json.putNull("kept").put("leftOut", reason);
    }
    return json;
  }

  private static ObjectNode kept(Kept kept) {
    return SealedJson.newObject()
        .put("cluster", kept.cluster())
        .put("clusterFsid", kept.image().clusterFsid())
        .put("pool", kept.image().pool())
        .put("namespace", kept.image().namespace())
        .put("name", kept.image().name())
        .put("imageId", kept.imageId().toString())
        .put("restorePoint", kept.point().toString())
        .put("sizeBytes", kept.sizeBytes());
  }

  private static InstancePoint read(JsonFields json, UnknownFields unknown) {
    json.requireVersion("schema", SCHEMA);
    return new InstancePoint(
        json.uuid("id"),
        json.uuid("momentId"),
        json.number("sequence", 1, Long.MAX_VALUE),
        json.instant("createdAt"),
        instance(json.object("instance")),
        choice(json, "consistency", Consistency.values()),
        json.seconds("freezeSeconds"),
        disks(json),
        json.object("raw").copy(),
        json.textList("notes"),
        json.text("writer"),
        unknown);
  }

  private static Instance instance(JsonFields json) {
    return new Instance(
        json.uuid("id"),
        json.text("name"),
        json.text("projectId"),
        json.text("userId"),
        json.text("cloud"),
        json.textOrNull("region"));
  }

  private static List<InstanceDisk> disks(JsonFields json) {
    List<InstanceDisk> disks = new ArrayList<>();
    for (JsonFields disk : json.objects("disks")) {
      disks.add(
          new InstanceDisk(
              choice(disk, "role", InstanceDisk.Role.values()),
              (int) disk.number("number", 0, Integer.MAX_VALUE),
              disk.flag("boot"),
              disk.textOrNull("device"),
              disk.textOrNull("tag"),
              disk.flag("deleteOnTermination"),
              disk.textOrNull("volumeId"),
              disk.textOrNull("encryptionKeyId"),
              content(disk)));
    }
    return disks;
  }

  private static Content content(JsonFields disk) {
    JsonFields kept = disk.objectOrNull("kept");
    String leftOut = disk.textOrNull("leftOut");
    if (kept == null && leftOut != null) {
      return new LeftOut(leftOut);
    }
    if (kept == null || leftOut != null) {
      throw disk.wrong("leftOut", "given instead of kept");
    }
    ImageIdentity image =
        new ImageIdentity(
            kept.text("clusterFsid"), kept.name("pool"), kept.text("namespace"), kept.name("name"));
    return new Kept(
        kept.text("cluster"),
        image,
        kept.uuid("imageId"),
        kept.uuid("restorePoint"),
        kept.count("sizeBytes"));
  }

  private static <E extends Enum<E>> E choice(JsonFields json, String field, E[] choices) {
    String text = json.text(field);
    for (E choice : choices) {
      if (text(choice).equals(text)) {
        return choice;
      }
    }
    throw json.wrong(
        field,
        "one of "
            + Stream.of(choices).map(InstancePointJson::text).collect(Collectors.joining(", ")));
  }

  private static String text(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
