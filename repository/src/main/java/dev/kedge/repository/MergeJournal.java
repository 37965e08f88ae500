package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an image's writer says before it changes files that restore points need: {@code merge.json}.
 * There is one at most, and whoever comes next finishes or undoes what it says. Readers look at it,
 * too; see {@link MergeView}.
 *
 * @param child the restore point whose file is to stand for the retired ones, too
 * @param retired those that go with it
 * @param inPlace whether the file that becomes the child's is that of {@code base}, lengthened;
 *     else it is a new one
 * @param base the lowest of the retired ones; the child itself where there is none
 * @param baseLengthBytes how long its file is without what is appended
 * @param sumsName the new checksums
 * @param result what it is to become; null as long as only things were added that mean nothing yet
 */
record MergeJournal(
    UUID child,
    List<UUID> retired,
    boolean inPlace,
    UUID base,
    long baseLengthBytes,
    String sumsName,
    @Nullable Result result) {
  static final String NAME = "merge.json";
  private static final int SCHEMA = 1;

  MergeJournal {
    retired = List.copyOf(retired);
  }

  /**
   * What a merge ends with.
   *
   * @param manifest the child's
   * @param firstSector the first bytes of its file, in hexadecimal: that a file begins so says
   *     which of the two it is
   */
  record Result(Manifest manifest, String firstSector) {
    byte[] sectorBytes() {
      return HexFormat.of().parseHex(firstSector);
    }
  }

  MergeJournal with(Result newResult) {
    return new MergeJournal(child, retired, inPlace, base, baseLengthBytes, sumsName, newResult);
  }

  void write(ImageFolder folder) {
    ObjectNode json = SealedJson.newObject();
    json.put("schema", SCHEMA).put("child", child.toString());
    ArrayNode list = json.putArray("retired");
    retired.forEach(point -> list.add(point.toString()));
    json.put("inPlace", inPlace)
        .put("base", base.toString())
        .put("baseLengthBytes", baseLengthBytes)
        .put("sums", sumsName);
    Result then = result;
    if (then == null) {
      json.putNull("result");
    } else {
      json.putObject("result")
          .put("manifest", new String(then.manifest().toBytes(), StandardCharsets.UTF_8))
          .put("firstSector", then.firstSector());
    }
    folder.target().replace(folder.name(NAME), SealedJson.seal(json));
  }

  /** The journal; empty where nothing is under way. */
  static Optional<MergeJournal> read(ImageFolder folder) {
    String name = folder.name(NAME);
    byte[] bytes;
    try {
      bytes = folder.target().readAll(name, SealedJson.MAX_BYTES);
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
    JsonFields json = new JsonFields(SealedJson.unseal(bytes, name), name);
    json.requireVersion("schema", SCHEMA);
    String sumsName = json.text("sums");
    UUID child = json.uuid("child");
    if (!child.equals(PointNames.ofPayload(sumsName))) {
      throw json.wrong("sums", "checksums of " + child);
    }
    JsonFields result = json.objectOrNull("result");
    return Optional.of(
        new MergeJournal(
            child,
            json.textList("retired").stream().map(text -> uuid(json, text)).toList(),
            json.flag("inPlace"),
            json.uuid("base"),
            json.count("baseLengthBytes"),
            sumsName,
            result == null ? null : result(result, name)));
  }

  private static UUID uuid(JsonFields json, String text) {
    UUID uuid = Uuids.parseOrNull(text);
    if (uuid == null) {
      throw json.wrong("retired", "a list of UUIDs");
    }
    return uuid;
  }

  private static Result result(JsonFields json, String name) {
    byte[] manifest = json.text("manifest").getBytes(StandardCharsets.UTF_8);
    return new Result(Manifest.parse(manifest, name), json.text("firstSector"));
  }
}
