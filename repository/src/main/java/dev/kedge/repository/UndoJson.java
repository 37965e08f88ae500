package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The object that names the states of an image that can be gone back to; missing for none. */
final class UndoJson {
  static final String NAME = "undo.json";
  private static final int SCHEMA = 1;

  private UndoJson() {}

  static void write(ImageFolder folder, List<UndoPoint> points) {
    String name = folder.name(NAME);
    if (points.isEmpty()) {
      folder.target().delete(name);
      return;
    }
    ObjectNode json = SealedJson.newObject();
    json.put("schema", SCHEMA);
    ArrayNode list = json.putArray("undoPoints");
    for (UndoPoint point : points) {
      list.addObject()
          .put("id", point.id().toString())
          .put("snapshot", point.snapshotName())
          .put("rbdId", point.rbdId())
          .put("restorePoint", point.restorePoint().toString())
          .put("takenAt", point.takenAt().toString())
          .put("released", point.released());
    }
    folder.target().replace(name, SealedJson.seal(json));
  }

  static List<UndoPoint> read(ImageFolder folder) {
    String name = folder.name(NAME);
    try {
      byte[] bytes = folder.target().readAll(name, SealedJson.MAX_BYTES);
      JsonFields json = new JsonFields(SealedJson.unseal(bytes, name), name);
      json.requireVersion("schema", SCHEMA);
      return json.objects("undoPoints").stream().map(UndoJson::read).toList();
    } catch (KedgeException e) {
      return switch (e.code()) {
        case NOT_FOUND -> List.of();
        case VERIFICATION_FAILED -> throw damaged(folder, e);
        default -> throw e;
      };
    }
  }

  private static UndoPoint read(JsonFields json) {
    return new UndoPoint(
        json.uuid("id"),
        json.name("snapshot"),
        json.name("rbdId"),
        json.uuid("restorePoint"),
        json.instant("takenAt"),
        json.flag("released"));
  }

  private static KedgeException damaged(ImageFolder folder, KedgeException cause) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        cause.getMessage()
            + "; if no in-place restore is to be taken back, delete that file in "
            + folder.target().location()
            + ", and the image's snapshots that no restore point has",
        cause);
  }
}
