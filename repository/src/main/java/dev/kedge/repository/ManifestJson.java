package dev.kedge.repository;

import dev.kedge.repository.Manifest.CloneParent;
import dev.kedge.repository.Manifest.Counts;
import dev.kedge.repository.Manifest.DataFile;
import dev.kedge.repository.Manifest.Image;
import dev.kedge.repository.Manifest.Kind;
import dev.kedge.repository.Manifest.Snapshot;
import dev.kedge.repository.Manifest.SumsFile;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The JSON form of a {@link Manifest}, schema 1 or 2. */
final class ManifestJson {
  static final int SCHEMA = 1;

  /** So that no older Kedge takes what is retired, or digested otherwise, for what it knows. */
  static final int SCHEMA_MERGED = 2;

  private static final int MIN_CLUSTER_BYTES = 512;
  private static final int MAX_CLUSTER_BYTES = 2 << 20;
  private static final Set<String> COMPRESSIONS = Set.of("none", "zlib", "zstd");

  private ManifestJson() {}

  static byte[] write(Manifest manifest) {
    ObjectNode json = known(manifest);
    manifest.unknown().addTo(json);
    return SealedJson.seal(json);
  }

  static Manifest read(byte[] bytes, String name) {
    ObjectNode json = SealedJson.unseal(bytes, name);
    Manifest known = read(new JsonFields(json, name), UnknownFields.NONE);
    return read(new JsonFields(json, name), UnknownFields.without(json, known(known)));
  }

  private static ObjectNode known(Manifest manifest) {
    ObjectNode json = SealedJson.newObject();
    boolean merged = manifest.isRetired() || manifest.file().merged() != null;
    json.put("schema", merged ? SCHEMA_MERGED : SCHEMA)
        .put("id", manifest.id().toString())
        .put("sequence", manifest.sequence())
        .put("kind", text(manifest.kind()))
        .put("parent", text(manifest.parent()))
        .put("createdAt", manifest.createdAt().toString());
    json.set("image", image(manifest.image()));
    json.put("sizeBytes", manifest.sizeBytes());
    json.putObject("snapshot")
        .put("name", manifest.snapshot().name())
        .put("id", manifest.snapshot().id())
        .put("createdAt", manifest.snapshot().createdAt().toString())
        .put("othersBefore", manifest.snapshot().othersBefore());
    ObjectNode file = json.putObject("file");
    file.put("name", manifest.file().name())
        .put("lengthBytes", manifest.file().lengthBytes())
        .put("clusterSizeBytes", manifest.file().clusterSizeBytes())
        .put("compression", manifest.file().compression())
        .put("tablesDigest", manifest.file().tablesDigest().hex());
    Manifest.DataFile.Merged left = manifest.file().merged();
    if (left != null) {
      file.putObject("merged")
          .put("deadBytes", left.deadBytes())
          .put("punchedBytes", left.punchedBytes());
    }
    json.putObject("sums")
        .put("name", manifest.sums().name())
        .put("lengthBytes", manifest.sums().lengthBytes())
        .put("digest", manifest.sums().digest().hex())
        .put("algorithm", manifest.sums().algorithm());
    json.putObject("counts")
        .put("extents", manifest.counts().extents())
        .put("changedBytes", manifest.counts().changedBytes())
        .put("readBytes", manifest.counts().readBytes())
        .put("zeroBytes", manifest.counts().zeroBytes())
        .put("storedBytes", manifest.counts().storedBytes());
    Instant retiredAt = manifest.retiredAt();
    if (retiredAt != null) {
      json.put("retiredAt", retiredAt.toString());
    }
    return json.put("durationSeconds", manifest.durationSeconds())
        .put("fencingToken", manifest.fencingToken())
        .put("writer", manifest.writer());
  }

  private static ObjectNode image(Image image) {
    ObjectNode json = SealedJson.newObject();
    json.put("clusterFsid", image.identity().clusterFsid())
        .put("pool", image.identity().pool())
        .put("namespace", image.identity().namespace())
        .put("name", image.identity().name())
        .put("rbdId", image.rbdId())
        .put("sizeBytes", image.sizeBytes())
        .put("objectSizeBytes", image.objectSizeBytes())
        .put("stripeUnitBytes", image.stripeUnitBytes())
        .put("stripeCount", image.stripeCount())
        .put("features", image.features())
        .put("dataPool", image.dataPool());
    CloneParent parent = image.parent();
    if (parent == null) {
      return json.putNull("parent");
    }
    json.putObject("parent")
        .put("pool", parent.pool())
        .put("namespace", parent.namespace())
        .put("name", parent.name())
        .put("rbdId", parent.rbdId())
        .put("snapshotName", parent.snapshotName())
        .put("overlapBytes", parent.overlapBytes());
    return json;
  }

  private static Manifest read(JsonFields json, UnknownFields unknown) {
    json.requireVersion("schema", SCHEMA, SCHEMA_MERGED);
    UUID id = json.uuid("id");
    Kind kind = kind(json);
    return new Manifest(
        id,
        json.number("sequence", 1, Long.MAX_VALUE),
        kind,
        parent(json, kind, id),
        json.instant("createdAt"),
        image(json.object("image")),
        json.count("sizeBytes"),
        snapshot(json.object("snapshot")),
        file(json.object("file"), id),
        sums(json.object("sums"), id),
        counts(json.object("counts")),
        json.seconds("durationSeconds"),
        json.number("fencingToken", 1, Long.MAX_VALUE),
        json.text("writer"),
        json.has("retiredAt") ? json.instant("retiredAt") : null,
        unknown);
  }

  private static Kind kind(JsonFields json) {
    String text = json.text("kind");
    for (Kind kind : Kind.values()) {
      if (text(kind).equals(text)) {
        return kind;
      }
    }
    throw json.wrong("kind", "full, incremental or rebased");
  }

  private static @Nullable UUID parent(JsonFields json, Kind kind, UUID id) {
    UUID parent = json.uuidOrNull("parent");
    if ((parent == null) != (kind == Kind.FULL) || id.equals(parent)) {
      throw json.wrong("parent", "another restore point for an increment, and null for a full");
    }
    return parent;
  }

  private static Image image(JsonFields json) {
    return new Image(
        new ImageIdentity(
            json.text("clusterFsid"), json.name("pool"), json.text("namespace"), json.name("name")),
        json.text("rbdId"),
        json.count("sizeBytes"),
        json.count("objectSizeBytes"),
        json.count("stripeUnitBytes"),
        json.count("stripeCount"),
        json.number("features", Long.MIN_VALUE, Long.MAX_VALUE),
        json.textOrNull("dataPool"),
        cloneParent(json.objectOrNull("parent")));
  }

  private static @Nullable CloneParent cloneParent(@Nullable JsonFields json) {
    return json == null
        ? null
        : new CloneParent(
            json.text("pool"),
            json.text("namespace"),
            json.text("name"),
            json.text("rbdId"),
            json.text("snapshotName"),
            json.count("overlapBytes"));
  }

  private static Snapshot snapshot(JsonFields json) {
    return new Snapshot(
        json.name("name"), json.count("id"), json.instant("createdAt"), json.flag("othersBefore"));
  }

  /** The names are fixed, so that no manifest can name the files of another. */
  private static DataFile file(JsonFields json, UUID id) {
    int clusterSizeBytes =
        (int) json.number("clusterSizeBytes", MIN_CLUSTER_BYTES, MAX_CLUSTER_BYTES);
    if (Integer.bitCount(clusterSizeBytes) != 1) {
      throw json.wrong("clusterSizeBytes", "a power of two");
    }
    String compression = json.text("compression");
    if (!COMPRESSIONS.contains(compression)) {
      throw json.wrong("compression", "none, zlib or zstd");
    }
    return new DataFile(
        json.constant("name", PointNames.data(id)),
        json.count("lengthBytes"),
        clusterSizeBytes,
        compression,
        json.checksum("tablesDigest"),
        json.has("merged") ? merged(json.object("merged"), json.count("lengthBytes")) : null);
  }

  private static Manifest.DataFile.Merged merged(JsonFields json, long lengthBytes) {
    long deadBytes = json.number("deadBytes", 0, lengthBytes);
    return new Manifest.DataFile.Merged(deadBytes, json.number("punchedBytes", 0, deadBytes));
  }

  private static SumsFile sums(JsonFields json, UUID id) {
    String name = json.text("name");
    if (!id.equals(PointNames.ofPayload(name)) || name.equals(PointNames.data(id))) {
      throw json.wrong("name", "'" + PointNames.sums(id) + "' or a later one of that point");
    }
    return new SumsFile(
        name,
        json.count("lengthBytes"),
        json.checksum("digest"),
        json.constant("algorithm", Checksum.ALGORITHM));
  }

  private static Counts counts(JsonFields json) {
    return new Counts(
        json.count("extents"),
        json.count("changedBytes"),
        json.count("readBytes"),
        json.count("zeroBytes"),
        json.count("storedBytes"));
  }

  private static String text(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static @Nullable String text(@Nullable UUID uuid) {
    return uuid == null ? null : uuid.toString();
  }
}
